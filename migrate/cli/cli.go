package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/internal/commandline"
	"github.com/dormer-orm/dormer/migrate"
	"github.com/dormer-orm/dormer/schema"
)

// Option sets up the commands of a program.
type Option func(*program)

// URL is the database where neither --url nor DORMER_URL names one.
func URL(url string) Option { return func(p *program) { p.fallback = url } }

// Dir is the folder that revisions are written to as long as there is none, since
// then nothing tells where it is: relative to the working directory or a folder
// above it, up to the module's root. Without it that is migrations.
func Dir(path string) Option { return func(p *program) { p.begin = path } }

// Engine adds options to the engines that commands open.
func Engine(opts ...engine.Option) Option {
	return func(p *program) { p.engine = append(p.engine, opts...) }
}

// Compare adds options to the comparisons of revision --autogenerate and check,
// which leave out tables for instance.
func Compare(opts ...migrate.DiffOption) Option {
	return func(p *program) { p.compare = append(p.compare, opts...) }
}

// Edit is called by revision --autogenerate before the file is written, see
// migrate.RevisionOptions.
func Edit(f func(up, down *[]migrate.Operation) (bool, error)) Option {
	return func(p *program) { p.edit = f }
}

// Main runs the command of the program's arguments and ends the program. SIGINT and
// SIGTERM end what is running as a failure does. meta is what the database is to be
// like; nil leaves out what compares with it.
func Main(set migrate.Set, meta *schema.Metadata, opts ...Option) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := Run(ctx, os.Args[1:], os.Stdout, os.Stderr, set, meta, opts...)
	stop()
	os.Exit(code)
}

// Run is Main for a program's own command line and for tests: args are without the
// program's name. It returns 0, 1 for a failure, or 2 for arguments that are wrong.
// Of a failure one line is written to stderr. Answers and SQL go to stdout, what is
// being done to stderr.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, set migrate.Set, meta *schema.Metadata, opts ...Option) int {
	p := &program{set: set, meta: meta, out: stdout, err: stderr}
	for _, o := range opts {
		o(p)
	}
	root := p.root()
	root.SetIn(os.Stdin)
	return commandline.Run(ctx, root, "migrate", args, stdout, stderr)
}

func usage(c *cobra.Command, format string, args ...any) error {
	return &commandline.UsageError{Command: c.CommandPath(), Err: fmt.Errorf(format, args...)}
}

// program is a command line with what its commands work on.
type program struct {
	set      migrate.Set
	meta     *schema.Metadata
	fallback string
	begin    string
	engine   []engine.Option
	compare  []migrate.DiffOption
	edit     func(up, down *[]migrate.Operation) (bool, error)

	out, err io.Writer
	url, dir string
	quiet    bool
}

func (p *program) root() *cobra.Command {
	name := filepath.Base(os.Args[0])
	root := &cobra.Command{
		Use:   strings.TrimSuffix(name, ".exe"),
		Short: "Migrate a database",
		Long: "Migrate a database from one model to the next.\n\n" +
			"Targets are an id, the beginning of one, head, heads, base, <branch>@head, and\nsteps such as +1, -1 and ae10+2.",
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if c.HasParent() && !completes(c) {
				return p.folder()
			}
			return nil
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&p.url, "url", "", "the database, as in sqlite://app.db (default $DORMER_URL)")
	f.StringVar(&p.dir, "dir", "", "the folder of the revisions' files (default where they were when the program was built)")
	f.BoolVarP(&p.quiet, "quiet", "q", false, "write nothing but answers and errors")
	root.AddCommand(p.revision(), p.merge(), p.upgrade(), p.downgrade(), p.stamp(), p.check(), p.ensure(),
		p.current(), p.history(), p.heads(), p.branches(), p.show(), p.editFile())
	commandline.Prepare(root)
	return root
}

// completes reports whether a command is one of cobra's own.
func completes(c *cobra.Command) bool {
	for ; c.HasParent(); c = c.Parent() {
		switch c.Name() {
		case "help", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
			return true
		}
	}
	return false
}

// open opens the database that was named.
func (p *program) open(c *cobra.Command) (*engine.Engine, error) {
	url := p.database()
	if url == "" {
		return nil, usage(c, "no database: give --url, or set DORMER_URL, as in sqlite://app.db or postgres://user@host/name")
	}
	opts := p.engine
	if p.meta != nil {
		opts = append([]engine.Option{engine.Metadata(p.meta)}, opts...)
	}
	return engine.Open(url, opts...)
}

func (p *program) database() string {
	if p.url != "" {
		return p.url
	}
	if url := os.Getenv("DORMER_URL"); url != "" {
		return url
	}
	return p.fallback
}

// compares is an error where there is no model to compare a database with: of a
// program that imports no package of tables everything would seem to be in order.
func (p *program) compares() error {
	if p.meta == nil {
		return migrate.ErrNoMetadata
	}
	if len(p.meta.Tables()) == 0 && len(p.compare) == 0 {
		return fmt.Errorf("%w that has tables: import the package that defines them in the program's main package", migrate.ErrNoMetadata)
	}
	return nil
}

// with runs a command on the database.
func (p *program) with(f func(c *cobra.Command, db *engine.Engine, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) (err error) {
		db, err := p.open(c)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		return f(c, db, args)
	}
}

// folder finds revisions in the folder that no program can have, since none is in
// this one: a Set without revisions does not know where its files are.
func (p *program) folder() error {
	if p.set.Len() > 0 {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(p.files(), "*.go"))
	var left []string
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && strings.Contains(string(text), "migrate.Revision{") {
			left = append(left, filepath.Base(f))
		}
	}
	if len(left) > 0 {
		return &migrate.SetError{Kind: migrate.ErrLeftOut, Files: left}
	}
	return nil
}

// files is the folder of the revisions' files.
func (p *program) files() string {
	if p.dir != "" {
		return p.dir
	}
	if dir := p.set.Dir(); dir != "" {
		return dir
	}
	name := cmp.Or(p.begin, "migrations")
	at, err := os.Getwd()
	for err == nil && !filepath.IsAbs(name) {
		if info, err := os.Stat(filepath.Join(at, name)); err == nil && info.IsDir() {
			return filepath.Join(at, name)
		}
		_, end := os.Stat(filepath.Join(at, "go.mod"))
		if end == nil || at == filepath.Dir(at) {
			break
		}
		at = filepath.Dir(at)
	}
	return name
}

// say tells what is being done.
func (p *program) say(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintf(p.err, format+"\n", args...)
	}
}

// relative is a path as the user would write it.
func relative(path string) string {
	dir, err := os.Getwd()
	if err != nil || !filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(dir, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}
