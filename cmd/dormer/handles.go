package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dormer-orm/dormer/internal/commandline"
	"github.com/dormer-orm/dormer/internal/handles"
)

func handlesCommand(stdout, stderr io.Writer) *cobra.Command {
	var check bool
	var types []string
	c := &cobra.Command{
		Use:   "handles [package]...",
		Short: "Write the structs of handles that entities lack",
		Long: `Write the structs of handles that the entities of packages lack, with a Define to
be completed, and correct the handles that no longer agree with their fields.

An entity is a struct that a struct of handles embeds schema.Table of, one with
the comment //dormer:entity (and the table's name, if it is not the plural), one
that -type names, and one that a relation container leads to or stands in. The
handles of model.go go to model_handles.go.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			r, err := handles.Examine(c.Context(), "", args, types)
			if err != nil {
				return err
			}
			if r.Entities == 0 {
				fmt.Fprintln(stderr, "No entities were found: mark the structs with //dormer:entity, or name them by -type.")
				return commandline.ErrSaid
			}
			if check {
				for _, d := range r.Drift {
					fmt.Fprintln(stdout, d)
				}
				if len(r.Drift) > 0 {
					fmt.Fprintln(stderr, "handles: entities and handles have drifted apart: run dormer handles")
					return commandline.ErrSaid
				}
				return nil
			}
			if err := r.Write(); err != nil {
				return err
			}
			for _, f := range slices.Sorted(maps.Keys(r.Files)) {
				fmt.Fprintln(stdout, relative(f))
			}
			return nil
		},
	}
	c.Flags().BoolVar(&check, "check", false, "write nothing; list what has drifted apart, and fail if anything has")
	c.Flags().StringSliceVar(&types, "type", nil, "structs that are entities")
	return c
}
