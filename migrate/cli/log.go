package cli

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// lines writes what a run logs as lines for a person.
type lines struct {
	p     *program
	attrs []slog.Attr
}

func (l lines) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (l lines) Handle(_ context.Context, r slog.Record) error {
	attrs := l.attrs
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	value := map[string]string{}
	var all strings.Builder
	for _, a := range attrs {
		value[a.Key] = a.Value.String()
		fmt.Fprintf(&all, ", %s %s", a.Key, a.Value)
	}
	text := strings.TrimPrefix(r.Message, "migrate: ")
	id, running := value["revision"], strings.HasPrefix(text, "running ")
	if !running || id == "" {
		l.p.say("%s%s", text, all.String())
		return nil
	}
	from, to := value["parents"], id
	if from == "" {
		from = "<base>"
	}
	if strings.HasSuffix(text, "downgrade") {
		from, to = to, from
	}
	if m := value["message"]; m != "" {
		to += ", " + m
	}
	l.p.say("R%s %s -> %s", text[1:], from, to)
	return nil
}

func (l lines) WithAttrs(attrs []slog.Attr) slog.Handler {
	return lines{l.p, append(l.attrs[:len(l.attrs):len(l.attrs)], attrs...)}
}

func (l lines) WithGroup(string) slog.Handler { return l }
