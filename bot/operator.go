package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"watchbell/incidents"
	"watchbell/storage"
)

// operator does what the commands of whoever runs Watchbell ask for, on the database: in the process that has it when one
// runs, else in the command's own.
type operator struct {
	store   *storage.Store
	service *incidents.Service
	now     func() time.Time
	running bool
}

// orders are what an operator can be told to do.
type order string

const (
	orderBackup order = "backup" // write a copy to File
	orderCheck  order = "check"  // read everything
	orderWrite  order = "write"  // try whether the database can be written
	orderList   order = "list"   // deliveries
	orderShow   order = "show"   // the delivery Key
	orderRetry  order = "retry"
	orderSkip   order = "skip"
	orderAudit  order = "audit"  // who did what in the incident after After
	orderForget order = "forget" // the person User
	orderKeep   order = "keep"   // a published Post
)

// operatorRequest is an order as it goes through the socket.
type operatorRequest struct {
	Order    order                 `json:"order"`
	File     string                `json:"file,omitempty"`
	Key      string                `json:"key,omitempty"`
	After    int                   `json:"after,omitempty"`
	User     string                `json:"user,omitempty"`
	Words    bool                  `json:"words,omitempty"` // and what they wrote
	Selected storage.DeliveryQuery `json:"selected,omitzero"`
	Post     *incidents.PastPost   `json:"post,omitempty"`
}

// operatorAnswer is what came of it.
type operatorAnswer struct {
	Copied     storage.Copied       `json:"copied,omitzero"`
	Wrong      []string             `json:"wrong,omitempty"`
	Open       []incidents.Incident `json:"open,omitempty"` // incidents that are not over, for the look at the services
	Deliveries []incidents.Delivery `json:"deliveries,omitempty"`
	Traces     []incidents.Trace    `json:"traces,omitempty"`
	Number     int                  `json:"number,omitempty"` // whose they are
	Person     storage.Person       `json:"person,omitzero"`
	Kept       incidents.Kept       `json:"kept,omitempty"`
}

func (o *operator) do(ctx context.Context, r operatorRequest) (a operatorAnswer, err error) {
	switch r.Order {
	case orderBackup:
		a.Copied, err = o.store.Backup(ctx, r.File)
	case orderCheck:
		if a.Wrong, err = o.store.Check(ctx, o.now(), o.running); err == nil {
			a.Open, err = o.service.Find(ctx, incidents.Query{Open: true, Limit: manyOpen})
		}
	case orderWrite:
		err = o.store.TryWriting(ctx)
	case orderList:
		a.Deliveries, err = o.store.FindDeliveries(ctx, r.Selected)
	case orderShow:
		a, err = one(o.service.Delivery(ctx, r.Key))
	case orderRetry, orderSkip:
		a, err = one(o.Decide(ctx, incidents.Actor{User: incidents.Outsider("operator")}, r.Key, r.Order == orderSkip))
	case orderKeep:
		if r.Post == nil {
			return a, errors.New("no post was handed in")
		}
		a.Kept, err = o.service.KeepPost(ctx, *r.Post)
	case orderAudit:
		a.Traces, a.Number, err = o.store.Audit(ctx, r.After)
	case orderForget:
		a.Person, err = o.store.ForgetPerson(ctx, r.User, "UGONE"+rand.Text()[:10], r.Words)
	default:
		err = fmt.Errorf("this Watchbell cannot be told to %s", r.Order)
	}
	return a, err
}

// Backlog, Unsettled and Decide are what the page of whoever runs Watchbell asks for; see web.Deliveries.
func (o *operator) Backlog(ctx context.Context) ([]incidents.Backlog, error) {
	return o.service.Backlog(ctx)
}

// Unsettled returns what is not done yet, failed ones first.
func (o *operator) Unsettled(ctx context.Context, limit int) ([]incidents.Delivery, error) {
	return o.store.FindDeliveries(ctx, storage.DeliveryQuery{Limit: limit})
}

// Decide has a delivery tried again, or left out.
func (o *operator) Decide(ctx context.Context, by incidents.Actor, key string, leaveOut bool) (incidents.Delivery, error) {
	if leaveOut {
		return o.service.Skip(ctx, by, key)
	}
	return o.service.Retry(ctx, by, key)
}

// manyOpen is more than are ever open at a time.
const manyOpen = 1000

func one(d incidents.Delivery, err error) (operatorAnswer, error) {
	if errors.Is(err, incidents.ErrNotFound) {
		err = errors.New("there is no delivery of that name; `watchbell deliveries list -all` shows those that there are")
	}
	if err != nil {
		return operatorAnswer{}, err
	}
	return operatorAnswer{Deliveries: []incidents.Delivery{d}}, nil
}
