package commandline

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

var step = regexp.MustCompile(`^-[0-9]+$`)

// Arguments prepares arguments for cobra: a target such as -1 is no flag, and a
// long flag may have one dash, as Go's own commands have it.
func Arguments(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(withoutSteps(args))
	if err != nil {
		cmd = root
	}
	var out, steps []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return append(append(out, "--"), append(steps, args[i+1:]...)...)
		case step.MatchString(a):
			steps = append(steps, a)
			continue
		case len(a) > 2 && a[0] == '-' && a[1] != '-':
			name, _, _ := strings.Cut(a[1:], "=")
			if cmd.Flags().Lookup(name) != nil || cmd.InheritedFlags().Lookup(name) != nil {
				a = "-" + a
			}
		}
		out = append(out, a)
		if takesValue(cmd, a) && i+1 < len(args) {
			i++
			out = append(out, args[i])
		}
	}
	if len(steps) > 0 {
		out = append(append(out, "--"), steps...)
	}
	return out
}

func withoutSteps(args []string) []string {
	var out []string
	for _, a := range args {
		if !step.MatchString(a) {
			out = append(out, a)
		}
	}
	return out
}

// takesValue reports whether the argument is a flag whose value is the next one.
func takesValue(c *cobra.Command, a string) bool {
	if strings.Contains(a, "=") || len(a) < 2 || a[0] != '-' {
		return false
	}
	name, long := strings.CutPrefix(a, "--")
	if !long && len(a) != 2 {
		return false
	}
	flag := c.Flags().Lookup(name)
	if flag == nil {
		flag = c.InheritedFlags().Lookup(name)
	}
	if !long {
		if flag = c.Flags().ShorthandLookup(a[1:]); flag == nil {
			flag = c.InheritedFlags().ShorthandLookup(a[1:])
		}
	}
	return flag != nil && flag.NoOptDefVal == ""
}
