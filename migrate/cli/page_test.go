package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestPageHasEveryFlag compares the page's table with the commands, both ways.
func TestPageHasEveryFlag(t *testing.T) {
	text, err := os.ReadFile(page)
	must(t, err)
	_, part, _ := strings.Cut(string(text), "\n## Commands of your module\n")
	part, _, _ = strings.Cut(part, "\n## ")
	rows := map[string]string{}
	for l := range strings.Lines(part) {
		if cells := strings.Split(l, "|"); len(cells) == 5 && strings.HasPrefix(cells[1], " `") {
			rows[strings.Trim(cells[1], " `")] = cells[3]
		}
	}
	root := (&program{}).root()
	for _, c := range root.Commands() {
		row, ok := rows[c.Use]
		if !ok {
			t.Errorf("the page has no %q", c.Use)
			continue
		}
		delete(rows, c.Use)
		known := map[string]bool{}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if root.PersistentFlags().Lookup(f.Name) != nil {
				return
			}
			known["--"+f.Name] = true
			if f.Shorthand != "" {
				known["-"+f.Shorthand] = true
			}
		})
		for name := range known {
			if !strings.Contains(row, "`"+name+"`") {
				t.Errorf("%s: the page has no %s", c.Name(), name)
			}
		}
		for i, code := range strings.Split(row, "`") {
			if i%2 == 1 && strings.HasPrefix(code, "-") && !known[strings.Fields(code)[0]] {
				t.Errorf("%s has no %s", c.Name(), code)
			}
		}
	}
	for name := range rows {
		t.Errorf("there is no command %q", name)
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(part, "`--"+f.Name+"`") {
			t.Errorf("the page has no --%s", f.Name)
		}
	})
	for _, c := range root.Commands() {
		helps(t, c)
	}
}

// helps wants every command and flag to say what it is for.
func helps(t *testing.T, c *cobra.Command) {
	t.Helper()
	if c.Short == "" {
		t.Errorf("%s says nothing", c.Name())
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Usage == "" {
			t.Errorf("%s --%s says nothing", c.Name(), f.Name)
		}
	})
}
