package rel_test

import (
	"context"
	"fmt"
	"log"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/rel"
	"github.com/dormer-orm/dormer/repo"
	"github.com/dormer-orm/dormer/schema"
	"github.com/dormer-orm/dormer/uow"
)

type Band struct {
	ID    int64
	Name  string
	Songs rel.Many[Song]
}

type bands struct {
	schema.Table[Band]
	ID    expr.Column[Band, int64]
	Name  expr.Column[Band, string]
	Songs rel.ToMany[Band, Song]
}

type Song struct {
	ID     int64
	Title  string
	BandID int64
	Band   rel.One[Band]
}

type songs struct {
	schema.Table[Song]
	ID     expr.Column[Song, int64]
	Title  expr.Column[Song, string]
	BandID expr.Column[Song, int64]
	Band   rel.ToOne[Song, Band]
}

var (
	music = schema.NewMetadata()
	Bands = schema.Define("bands", func(t *bands) {
		schema.Column(t.ID).PrimaryKey()
	}, schema.In(music))
	Songs = schema.Define("songs", func(t *songs) {
		schema.Column(t.ID).PrimaryKey()
		schema.Column(t.BandID).References(Bands.ID)
		rel.Via(t.Band, t.BandID).BackPopulates(Bands.Songs).Own()
	}, schema.In(music))
)

// openMusic is a database with two bands that have two songs each. statements
// counts what is sent.
func openMusic(ctx context.Context) (db *engine.Engine, statements *int) {
	statements = new(int)
	db, err := engine.Open("sqlite://:memory:", engine.Metadata(music), engine.Observer(func(context.Context, engine.Statement) { *statements++ }))
	if err != nil {
		log.Fatal(err)
	}
	if err := db.CreateAll(ctx); err != nil {
		log.Fatal(err)
	}
	err = repo.New[Band](db, repo.OwnUnit()).Add(ctx,
		&Band{Name: "The Keys", Songs: rel.Of(&Song{Title: "Primary"}, &Song{Title: "Foreign"})},
		&Band{Name: "Joins", Songs: rel.Of(&Song{Title: "Left"}, &Song{Title: "Right"})})
	if err != nil {
		log.Fatal(err)
	}
	return db, statements
}

// The first Load reads the bands of all songs that the query returned.
func ExampleOne_Load() {
	ctx := context.Background()
	db, statements := openMusic(ctx)
	defer db.Close()
	err := uow.Run(ctx, db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		all, err := repo.New[Song](db).Find(ctx)
		if err != nil {
			return err
		}
		_, known := all[0].Band.Loaded()
		fmt.Println(known)
		before := *statements
		for _, s := range all {
			band, err := s.Band.Load(ctx)
			if err != nil {
				return err
			}
			fmt.Println(s.Title, "by", band.Name)
		}
		fmt.Println("statements:", *statements-before)
		return nil
	})
	fmt.Println(err)
	// Output:
	// false
	// Primary by The Keys
	// Foreign by The Keys
	// Left by Joins
	// Right by Joins
	// statements: 1
	// <nil>
}

// Both sides agree at once; nothing need be loaded, and nothing is sent.
func ExampleMany_Add() {
	ctx := context.Background()
	db, _ := openMusic(ctx)
	defer db.Close()
	bands := repo.NewKeyed(db, Bands.ID)
	err := uow.Run(ctx, db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		keys, err := bands.Get(ctx, 1)
		if err != nil {
			return err
		}
		unique := &Song{Title: "Unique"}
		if err := keys.Songs.Add(unique); err != nil {
			return err
		}
		by, _ := unique.Band.Loaded()
		fmt.Println(by.Name)
		held, whole := keys.Songs.Loaded()
		fmt.Println(len(held), whole)
		all, err := keys.Songs.Load(ctx)
		fmt.Println(len(all))
		return err
	})
	fmt.Println(err)
	// Output:
	// The Keys
	// 1 false
	// 3
	// <nil>
}

// A song that is taken from the band that owns it is deleted.
func ExampleMany_Remove() {
	ctx := context.Background()
	db, _ := openMusic(ctx)
	defer db.Close()
	bands, songs := repo.NewKeyed(db, Bands.ID), repo.NewKeyed(db, Songs.ID)
	err := uow.Run(ctx, db, func(ctx context.Context, _ *uow.UnitOfWork) error {
		keys, err := bands.Get(ctx, 1)
		if err != nil {
			return err
		}
		primary, err := songs.Get(ctx, 1)
		if err != nil {
			return err
		}
		return keys.Songs.Remove(primary)
	})
	left, _ := songs.Count(ctx)
	fmt.Println(left, err)
	// Output: 3 <nil>
}
