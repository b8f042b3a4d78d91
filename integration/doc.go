// Package integration runs Dormer's suites on real database servers in containers. It is a module of its own, so that whoever
// embeds Dormer never sees Docker. Its tests start what they need through [github.com/dormer-orm/dormer/integration/containers];
// prepare.sh makes a machine ready for them.
package integration
