package docs

import (
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// source is the text of a folder's Go files.
func source(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no package %s: %v", dir, err)
	}
	var b strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	return b.String()
}

// lines are the lines of Go source as tokens, without comments, space and empty
// lines.
func lines(text string) (out []string) {
	var s scanner.Scanner
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(text))
	s.Init(file, []byte(text), func(token.Position, string) {}, 0)
	last := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return out
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		if tok.IsOperator() || tok.IsKeyword() && lit == "" {
			lit = tok.String()
		}
		if line := file.Line(pos); line != last {
			out, last = append(out, lit), line
		} else {
			out[len(out)-1] += " " + lit
		}
	}
}

// blocks are the fenced blocks of a page in a language. after is the text
// between the last heading or block and the block.
func blocks(text, language string) (out []block) {
	fence := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	at := 0
	for _, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		if text[m[2]:m[3]] == language {
			out = append(out, block{text: text[m[4]:m[5]], after: strings.TrimSpace(text[at:m[0]])})
		}
		at = m[1]
	}
	return out
}

type block struct{ text, after string }

// missing are the blocks' lines that do not stand in source. Lines of one block
// that has no empty line stand there in a row.
func missing(source []string, text string) (out []string) {
	for _, part := range regexp.MustCompile(`\n[ \t]*\n`).Split(text, -1) {
		want := lines(part)
		found := len(want) == 0
		for i := 0; !found && i+len(want) <= len(source); i++ {
			found = slices.Equal(source[i:i+len(want)], want)
		}
		if !found {
			out = append(out, part)
		}
	}
	return out
}

// TestPagesAreRun has every Go block, but for those that follow "GORM:", stand in
// a test of this package, and every heading of a verb have one, or say that there
// is none.
func TestPagesAreRun(t *testing.T) {
	src := lines(source(t, "."))
	for _, name := range []string{"docs/from-sqlalchemy.md", "docs/from-gorm.md"} {
		text := page(t, name)
		n := 0
		for _, b := range blocks(text, "go") {
			if strings.HasSuffix(b.after, "GORM:") {
				continue
			}
			n++
			for _, m := range missing(src, b.text) {
				t.Errorf("%s: no test runs\n%s", name, m)
			}
		}
		if n < 20 {
			t.Errorf("%s: only %d blocks", name, n)
		}
		for _, s := range strings.Split(text, "\n### ")[1:] {
			if !strings.Contains(s, "Dormer:\n") && !strings.Contains(s, "Dormer has none") {
				title, _, _ := strings.Cut(s, "\n")
				t.Errorf("%s: %s: neither code nor \"Dormer has none\"", name, title)
			}
		}
	}
	for name, least := range map[string]int{"docs/unit-of-work.md": 0, "docs/relations.md": 25} {
		bs := blocks(page(t, name), "go")
		if len(bs) < least {
			t.Errorf("%s: only %d blocks", name, len(bs))
		}
		for _, b := range bs {
			for _, m := range missing(src, b.text) {
				t.Errorf("%s: no test runs\n%s", name, m)
			}
		}
	}
}

// TestReadmeIsRun has every line of the README's Go blocks stand in a test here
// or in the example that it names.
func TestReadmeIsRun(t *testing.T) {
	known := map[string]bool{}
	for _, dir := range []string{".", "../../examples/blog"} {
		for _, l := range lines(source(t, dir)) {
			known[l] = true
		}
	}
	n := 0
	for _, b := range blocks(page(t, "README.md"), "go") {
		for _, l := range lines(b.text) {
			n++
			if !known[l] {
				t.Errorf("README.md: no test and no example has\n%s", l)
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d lines", n)
	}
}

func TestLinesAreCompared(t *testing.T) {
	src := lines("func f() {\n\tx := 1 // one\n\n\ty := \"a  b\"\n}\n")
	for text, want := range map[string]int{
		"x   := 1":                     0,
		"x := 1\ny := \"a  b\" // two": 0,
		"y := \"a  b\"\n\nx := 1":      0,
		"y := \"a b\"":                 1,
		"y := \"a  b\"\nx := 1":        1,
		"x := 2":                       1,
	} {
		if got := missing(src, text); len(got) != want {
			t.Errorf("%q: missing %q", text, got)
		}
	}
}
