package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchbell/incidents"
)

var (
	waitingDeliveries = prometheus.NewDesc("watchbell_deliveries_waiting", "Deliveries that are due and not made yet.", []string{"target"}, nil)
	failedDeliveries  = prometheus.NewDesc("watchbell_deliveries_failed", "Deliveries that need a person: to be tried again or left out.", []string{"target"}, nil)
	oldestDelivery    = prometheus.NewDesc("watchbell_delivery_oldest_seconds", "For how long the oldest waiting delivery has been due or failing; 0 when none waits.", []string{"target"}, nil)
)

// backlog reads the gauges of what waits from the database when they are asked for.
type backlog struct{ app *app }

// Describe implements prometheus.Collector.
func (b *backlog) Describe(descs chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{waitingDeliveries, failedDeliveries, oldestDelivery} {
		descs <- d
	}
}

// Collect implements prometheus.Collector. While the database does not answer, the gauges are left out: a zero would say
// that all is well.
func (b *backlog) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	all, err := b.app.service.Backlog(ctx)
	if err != nil {
		b.app.log.Warn("what waits could not be counted", "error", err)
		return
	}
	of := map[incidents.Target]incidents.Backlog{}
	for _, one := range all {
		of[one.Target] = one
	}
	for _, target := range []incidents.Target{incidents.Slack, incidents.Trello, incidents.GitHub} {
		one, age := of[target], time.Duration(0)
		if !one.Since.IsZero() {
			age = max(b.app.now().Sub(one.Since), 0)
		}
		gauge := func(d *prometheus.Desc, v float64) {
			metrics <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, string(target))
		}
		gauge(waitingDeliveries, float64(one.Waiting))
		gauge(failedDeliveries, float64(one.Failed))
		gauge(oldestDelivery, age.Seconds())
	}
}
