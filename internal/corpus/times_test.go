package corpus

import (
	"time"

	"github.com/dormer-orm/dormer/expr"
	"github.com/dormer-orm/dormer/repo"
)

var _ = construct("times", cases{
	"now": built(func() query { return productsOf.Where(Products.Made.LtTo(expr.Now())).Limit(1) }),
	"parts of dates": built(func() query {
		return repo.Select(func(d *date) repo.Columns {
			return repo.Into(repo.To(&d.Year, expr.Year(Products.Made)), repo.To(&d.Month, expr.Month(Products.Made)), repo.To(&d.Day, expr.Day(Products.Made)),
				repo.To(&d.Weekday, expr.Weekday(Products.Made)))
		}).From(Products)
	}),
	"parts of times": built(func() query {
		return productsOf.Where(expr.Hour(Products.Made).Eq(12), expr.Minute(Products.Gone).Lt(30), expr.Second(Products.Made).Between(0, 59)).Limit(1)
	}),
	"trunc year":   built(func() query { return repo.SelectValue(expr.TruncYear(Products.Made)).From(Products) }),
	"trunc month":  built(func() query { return repo.SelectValue(expr.TruncMonth(Products.Made)).From(Products) }),
	"trunc day":    built(func() query { return repo.SelectValue(expr.TruncDay(Products.Gone)).From(Products) }),
	"trunc hour":   built(func() query { return repo.SelectValue(expr.TruncHour(Products.Made)).From(Products) }),
	"trunc minute": built(func() query { return productsOf.Where(expr.TruncMinute(Products.Made).Eq(noon)).Limit(1) }),
	"add duration": built(func() query { return repo.SelectValue(expr.AddDuration(Products.Made, -90*time.Second)).From(Products) }),
	"add days":     built(func() query { return repo.SelectValue(expr.AddDays(Products.Made, 30)).From(Products) }),
	"add months":   built(func() query { return repo.SelectValue(expr.AddMonths(Products.Made, -1)).From(Products) }),
	"add years":    built(func() query { return repo.SelectValue(expr.AddYears(Products.Gone, 2)).From(Products) }),
	"add too many days": built(func() query {
		return repo.SelectValue(expr.AddDays(Products.Made, 5_000_000)).From(Products)
	}),
	"add too many years": built(func() query {
		return repo.SelectValue(expr.AddYears(Products.Made, 20_000)).From(Products)
	}),
	"microseconds since": built(func() query { return repo.SelectValue(expr.MicrosecondsSince(Products.Made, dawn)).From(Products) }),
	"microseconds between": built(func() query {
		return repo.SelectValue(expr.MicrosecondsSinceTo(Products.Gone, Products.Made)).From(Products)
	}),
	"since a while ago": built(func() query {
		return productsOf.Where(Products.Made.GeTo(expr.AddDays(expr.Now().Value(), -30))).Limit(1)
	}),
	"added to now": built(func() query {
		return productsOf.Where(expr.AddMonths(expr.TruncDay(Products.Made), 1).LtTo(expr.Now())).Limit(1)
	}),
})
