package rel

import "testing"

func TestSingular(t *testing.T) {
	for many, one := range map[string]string{
		"users": "user", "categories": "category", "addresses": "address", "boxes": "box", "people": "people", "dishes": "dish",
		"branches": "branch", "statuses": "status", "status": "status", "address": "address", "class": "class", "classes": "class",
		"houses": "house", "cases": "case", "databases": "database", "movies": "movie", "ties": "tie", "keys": "key", "days": "day",
		"children": "child", "order_lines": "order_line", "grand_children": "grand_child", "staff": "staff", "sheep": "sheep",
		"analysis": "analysis", "analyses": "analysis", "news": "news", "series": "series", "s": "s", "is": "is", "as": "as", "": "", "_": "_", "x_": "x_",
		"följare": "följare", "Users": "User", "following": "following", "followers": "follower", "quizzes": "quiz", "buzzes": "buzz",
		"leaves": "leaf", "shelves": "shelf", "drives": "drive", "files": "file", "images": "image", "tomatoes": "tomato", "shoes": "shoe",
		"matrices": "matrix", "services": "service", "caches": "cache", "taxes": "tax", "gas": "gas", "ids": "id", `or"ders`: `or"der`,
	} {
		if got := singular(many); got != one {
			t.Errorf("%s: got %s, want %s", many, got, one)
		}
	}
}
