package rel

import "strings"

// singular is the singular of an English name's last word, written in lower case
// as tables are: users is user, order_categories is order_category. A word that
// does not look like a plural stays as it is.
func singular(name string) string {
	at := strings.LastIndexByte(name, '_') + 1
	head, word := name[:at], name[at:]
	if one, ok := irregular[word]; ok {
		return head + one
	}
	for _, e := range endings {
		if stem, ok := strings.CutSuffix(word, e.many); ok && len(stem) >= e.stem {
			return head + stem + e.one
		}
	}
	return name
}

// irregular are plurals that no rule gives, and words in s that are none.
var irregular = map[string]string{
	"children": "child", "men": "man", "women": "woman", "mice": "mouse", "geese": "goose", "feet": "foot", "teeth": "tooth",
	"indices": "index", "vertices": "vertex", "matrices": "matrix", "criteria": "criterion", "analyses": "analysis", "bases": "base",
	"knives": "knife", "lives": "life", "wives": "wife", "leaves": "leaf", "shelves": "shelf", "halves": "half", "wolves": "wolf", "selves": "self",
	"movies": "movie", "cookies": "cookie", "ties": "tie", "pies": "pie", "zombies": "zombie", "calories": "calorie", "series": "series", "species": "species",
	"heroes": "hero", "potatoes": "potato", "tomatoes": "tomato", "echoes": "echo", "quizzes": "quiz", "buses": "bus", "gases": "gas",
	"statuses": "status", "aliases": "alias", "viruses": "virus", "campuses": "campus", "bonuses": "bonus", "lenses": "lens", "censuses": "census",
	"caches": "cache", "axes": "axis", "crises": "crisis", "theses": "thesis", "diagnoses": "diagnosis", "hypotheses": "hypothesis",
	"news": "news", "lens": "lens", "gas": "gas", "bias": "bias", "alias": "alias", "atlas": "atlas", "canvas": "canvas", "canvases": "canvas", "always": "always",
}

// endings are tried in this order; a stem shorter than stem is no plural.
var endings = []struct {
	many, one string
	stem      int
}{
	{"ies", "y", 2},   // categories
	{"sses", "ss", 1}, // addresses
	{"shes", "sh", 1}, // dishes
	{"ches", "ch", 1}, // branches
	{"xes", "x", 1},   // boxes
	{"zzes", "zz", 1}, // buzzes
	{"ss", "ss", 0},   // address
	{"us", "us", 0},   // status
	{"is", "is", 0},   // analysis
	{"s", "", 2},      // users
}
