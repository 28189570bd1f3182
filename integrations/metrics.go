package integrations

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"watchbell/incidents"
)

// metrics count the attempts.
type metrics struct {
	deliveries *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
}

func newMetrics(at prometheus.Registerer) metrics {
	factory := promauto.With(at)
	return metrics{
		deliveries: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "watchbell_deliveries_total",
			Help: "Attempts to bring a service outside in line with an incident, by how they ended.",
		}, []string{"target", "kind", "verdict"}),
		seconds: factory.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "watchbell_delivery_seconds",
			Help:    "Time that an attempt took, without recording its outcome.",
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 20},
		}, []string{"target", "kind"}),
	}
}

func (m metrics) record(d incidents.Delivery, v incidents.Verdict, took time.Duration) {
	m.deliveries.WithLabelValues(string(d.Target), string(d.Kind), string(v)).Inc()
	m.seconds.WithLabelValues(string(d.Target), string(d.Kind)).Observe(took.Seconds())
}
