package storage

import (
	"database/sql/driver"
	"time"
)

// row is one row of a result. Its methods read a column by its position; the types are those of the schema.
type row []driver.Value

func (r row) number(i int) int     { return int(r[i].(int64)) }
func (r row) flag(i int) bool      { return r[i].(int64) != 0 }
func (r row) text(i int) string    { return r[i].(string) }
func (r row) time(i int) time.Time { return instant(r[i].(int64)) }

// bytes is nil for NULL and for nothing.
func (r row) bytes(i int) []byte {
	b, _ := r[i].([]byte)
	if len(b) == 0 {
		return nil
	}
	return b
}

// micros is an instant as it is stored: microseconds since 1970 in UTC, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant is the reverse of micros.
func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
