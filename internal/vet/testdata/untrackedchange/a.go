package untrackedchange

import (
	"context"
	"fmt"

	"github.com/dormer-orm/dormer/repo"

	"example.org/vetted/model"
)

func changes(ctx context.Context, s model.UserService, r repo.Repository[model.User]) error {
	u, err := s.Untracked().Get(ctx, 7)
	if err != nil || u == nil {
		return err
	}
	fmt.Println(u.Name)
	u.Name = "x" // want `the change of Name is written nowhere: u is Untracked, and no unit of work knows it; read it in a unit without Untracked, or hand it to Attach before the change`
	u.Age++      // want `the change of Age is written nowhere`

	free := r.Untracked()
	q := free.Where(model.Users.Age.Ge(18)).Limit(3)
	us, err := q.All(ctx)
	if err != nil || len(us) == 0 {
		return err
	}
	for _, w := range us {
		w.Address.City = "x" // want `the change of Address is written nowhere`
	}
	us[0].Age = us[0].Age + 1 // want `the change of Age is written nowhere: us\[0\] is Untracked`

	first := us[1]
	first.Age = 3 // want `the change of Age is written nowhere: first is Untracked`

	for w, err := range r.Query().Untracked().Stream(ctx) {
		if err != nil {
			return err
		}
		fmt.Println(w.Name)
		w.Name = "y" // want `the change of Name is written nowhere: w is Untracked`
	}

	page, err := q.Page(ctx, 10, "")
	if err != nil || !page.More {
		return err
	}
	for _, w := range page.Items {
		w.Name = "z" // want `the change of Name is written nowhere: w is Untracked`
	}
	page.Items[0].Age = 4 // want `the change of Age is written nowhere: page.Items\[0\] is Untracked`
	items := page.Items
	items[0].ID = 5 // want `the change of ID is written nowhere`
	fmt.Println(page.Next, len(page.Items))
	return nil
}

func pages(ctx context.Context, s model.UserService) (repo.Page[model.User], error) {
	tracked, err := s.Query().Page(ctx, 10, "")
	if err != nil {
		return tracked, err
	}
	tracked.Items[0].Name = "x"
	merged, err := s.Untracked().Query().Page(ctx, 10, "")
	if err != nil {
		return tracked, err
	}
	for _, u := range merged.Items {
		u.Name = "x"
		if _, err := s.Merge(ctx, u); err != nil {
			return tracked, err
		}
	}
	shown, err := s.Untracked().Query().Page(ctx, 10, "")
	for _, u := range shown.Items {
		u.Name += "!"
	}
	return shown, err
}

func tracked(ctx context.Context, s model.UserService) error {
	u, err := s.Get(ctx, 7)
	if err != nil {
		return err
	}
	u.Name = "x"
	for w, err := range s.Query().Stream(ctx) {
		if err != nil {
			return err
		}
		w.Name = "x"
	}
	return nil
}

func merged(ctx context.Context, s model.UserService) error {
	u, err := s.Untracked().Get(ctx, 7)
	if err != nil {
		return err
	}
	u.Name = "x"
	_, err = s.Merge(ctx, u)
	return err
}

func attached(ctx context.Context, s model.UserService) error {
	us, err := s.Untracked().Find(ctx)
	if err != nil {
		return err
	}
	if err := s.Attach(ctx, us...); err != nil {
		return err
	}
	for _, u := range us {
		u.Name = "x"
	}
	return nil
}

func returned(ctx context.Context, s model.UserService) (*model.User, error) {
	u, err := s.Untracked().First(ctx)
	if err != nil {
		return nil, err
	}
	u.Name = "" // not for everybody
	return u, nil
}

func kept(ctx context.Context, s model.UserService) (map[int64]*model.User, error) {
	us, err := s.Untracked().Find(ctx)
	all := map[int64]*model.User{}
	for _, u := range us {
		u.Name = "x"
		all[u.ID] = u
	}
	return all, err
}

func shown(ctx context.Context, s model.UserService) error {
	u, err := s.Untracked().First(ctx)
	if err != nil {
		return err
	}
	u.Name += "!"
	fmt.Println(u.Name)

	w, err := s.Untracked().First(ctx)
	if err != nil {
		return err
	}
	last := 0
	for i := range 3 {
		last += w.Age
		w.Age = i
	}
	w.Name = "x"
	fmt.Println(last, *(&w.Name))

	x, err := s.Untracked().First(ctx)
	if err != nil {
		return err
	}
	x.Name = "x"
	y := *x
	fmt.Println(y)

	z, err := s.Untracked().First(ctx)
	if err != nil {
		return err
	}
	later := func() { fmt.Println(z.Name) }
	z.Name = "x"
	later()
	return nil
}

func either(ctx context.Context, s model.UserService, untracked bool) error {
	r := s.Keyed
	if untracked {
		r = s.Untracked()
	}
	u, err := r.Get(ctx, 7)
	if err != nil {
		return err
	}
	u.Name = "x"

	w, err := s.Untracked().Get(ctx, 8)
	if w == nil {
		w, err = s.Get(ctx, 9)
	}
	if err != nil {
		return err
	}
	w.Name = "x"
	return nil
}
