package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dormer-orm/dormer/dialect"
	"github.com/dormer-orm/dormer/dialect/postgres"
	"github.com/dormer-orm/dormer/dialect/sqlite"
	"github.com/dormer-orm/dormer/engine"
	"github.com/dormer-orm/dormer/internal/commandline"
	"github.com/dormer-orm/dormer/migrate"
)

// running are the flags of the commands that change a database.
type running struct {
	sql, perRevision, lossy, edited bool
	dialect                         string
	patience                        time.Duration
}

func (r *running) flags(c *cobra.Command) {
	f := c.Flags()
	r.sqlFlags(c)
	f.BoolVar(&r.perRevision, "transaction-per-revision", false, "commit after each revision")
	f.DurationVar(&r.patience, "lock-timeout", 5*time.Minute, "how long to wait for another migrator, 0 for ever")
}

func (r *running) sqlFlags(c *cobra.Command) {
	c.Flags().BoolVar(&r.sql, "sql", false, "write SQL to standard output and ask no database")
	c.Flags().StringVar(&r.dialect, "dialect", "", "the SQL's database, postgres or sqlite (default that of the URL)")
}

func (r *running) options(p *program) []migrate.RunOption {
	opts := []migrate.RunOption{migrate.LockTimeout(r.patience), migrate.Logger(slog.New(lines{p: p}))}
	if r.perRevision {
		opts = append(opts, migrate.TransactionPerRevision())
	}
	if r.lossy {
		opts = append(opts, migrate.AllowDataLoss())
	}
	if r.edited {
		opts = append(opts, migrate.AllowEdited())
	}
	return opts
}

// offline is the dialect that SQL is written in.
func (r *running) offline(p *program, c *cobra.Command) (dialect.Dialect, error) {
	switch r.dialect {
	case "postgres", "postgresql":
		return postgres.New(), nil
	case "sqlite":
		return sqlite.New(), nil
	case "":
	default:
		return nil, usage(c, "--dialect %s is not known: use postgres or sqlite", r.dialect)
	}
	if p.database() == "" {
		return nil, usage(c, "no database to write SQL for: give --dialect postgres or sqlite, --url, or set DORMER_URL")
	}
	db, err := p.open(c) // connects to nothing
	if err != nil {
		return nil, err
	}
	return db.Dialect(), db.Close()
}

func (p *program) upgrade() *cobra.Command {
	var r running
	c := &cobra.Command{
		Use:   "upgrade <target>",
		Short: "Apply the revisions that lead to a target",
		Long: "Apply the revisions that lead to a target, which is head, heads, an id or the\nbeginning of one, <branch>@head, or a number of steps such as +1.\n\n" +
			"With --sql the target may be a range, from:to.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.migrate(c, &r, args[0], migrate.Upgrade, migrate.UpgradeSQL)
		},
		ValidArgsFunction: p.targets("head", "heads", "+1"),
	}
	r.flags(c)
	c.Flags().BoolVar(&r.lossy, "allow-data-loss", false, "let revisions drop what holds data")
	c.Flags().BoolVar(&r.edited, "allow-edited", false, "go on although applied revisions were edited")
	return c
}

func (p *program) downgrade() *cobra.Command {
	var r running
	c := &cobra.Command{
		Use:   "downgrade <target>",
		Short: "Take revisions back until a target",
		Long: "Take revisions back until a target, which is base, an id or the beginning of\none, <branch>@base, or a number of steps such as -1.\n\n" +
			"With --sql the target is a range, from:to.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.migrate(c, &r, args[0], migrate.Downgrade, migrate.DowngradeSQL)
		},
		ValidArgsFunction: p.targets("base", "-1"),
	}
	r.flags(c)
	return c
}

func (p *program) migrate(c *cobra.Command, r *running, target string,
	online func(context.Context, *engine.Engine, migrate.Set, string, ...migrate.RunOption) error,
	offline func(w io.Writer, d dialect.Dialect, set migrate.Set, target string, opts ...migrate.RunOption) error) error {
	opts := r.options(p)
	if r.sql {
		d, err := r.offline(p, c)
		if err != nil {
			return err
		}
		return offline(p.out, d, p.set, target, opts...)
	}
	if r.dialect != "" {
		return usage(c, "--dialect is for --sql")
	}
	return p.with(func(c *cobra.Command, db *engine.Engine, _ []string) error {
		n := 0
		opts = append(opts, migrate.OnStep(func(context.Context, migrate.Step) error {
			n++
			return nil
		}))
		if err := online(c.Context(), db, p.set, target, opts...); err != nil {
			return err
		}
		if n == 0 {
			p.say("Nothing to do.")
		}
		return nil
	})(c, nil)
}

func (p *program) stamp() *cobra.Command {
	var r running
	var purge bool
	c := &cobra.Command{
		Use:   "stamp <revision>...",
		Short: "Write down that the database is at revisions, without running any",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if r.sql {
				if purge {
					return usage(c, "--purge with --sql is not allowed: what is to be purged only the database knows")
				}
				d, err := r.offline(p, c)
				if err != nil {
					return err
				}
				return migrate.StampSQL(p.out, d, p.set, strings.Join(args, ","))
			}
			opts := r.options(p)
			if purge {
				opts = append(opts, migrate.Purge())
			}
			return p.with(func(c *cobra.Command, db *engine.Engine, args []string) error {
				return migrate.Stamp(c.Context(), db, p.set, args, opts...)
			})(c, args)
		},
		ValidArgsFunction: p.targets("head", "heads", "base"),
	}
	r.sqlFlags(c)
	c.Flags().DurationVar(&r.patience, "lock-timeout", 5*time.Minute, "how long to wait for another migrator, 0 for ever")
	c.Flags().BoolVar(&purge, "purge", false, "empty the version table first, whatever is in it")
	return c
}

func (p *program) ensure() *cobra.Command {
	return &cobra.Command{
		Use:     "ensure-version",
		Aliases: []string{"ensure_version"},
		Short:   "Make the version table, and nothing else",
		Args:    cobra.NoArgs,
		RunE: p.with(func(c *cobra.Command, db *engine.Engine, _ []string) error {
			return migrate.EnsureVersion(c.Context(), db)
		}),
	}
}

func (p *program) check() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "See whether the model has changes without a revision",
		Args:  cobra.NoArgs,
		RunE: p.with(func(c *cobra.Command, db *engine.Engine, _ []string) error {
			if err := p.compares(); err != nil {
				return err
			}
			d, err := migrate.Check(c.Context(), db, p.set, p.meta, p.compare...)
			if err != nil {
				return err
			}
			for _, n := range d.Notes {
				p.say("%s", n)
			}
			if d.Empty() {
				fmt.Fprintln(p.out, "No new upgrade operations detected.")
				return nil
			}
			fmt.Fprintln(p.out, d)
			fmt.Fprintln(p.err, "migrate: new upgrade operations detected: write them down by revision --autogenerate")
			return commandline.ErrSaid
		}),
	}
}
