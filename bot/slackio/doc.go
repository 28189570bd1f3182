// Package slackio is the bot's line to Slack: it takes in what people do, over HTTP or Socket Mode, and carries out
// every delivery that goes to Slack. It is the only user of slack-go.
//
// Three types share the work. A Client holds the credentials, knows which bot and which workspace they belong to, and
// keeps the pace that Slack asks for. An Intake checks and decodes what Slack sends, hands it to a Desk and gives the
// answer back in Slack's form; a Socket feeds the same Intake from a WebSocket. An Outgoing brings things in Slack in line
// with an incident: channel, announcement, pinned card, topic and the rest.
//
// What Slack sends is decoded into small structs of our own. They tolerate what is new or odd in a payload, where
// slack-go's parsers would give up the whole of it.
package slackio
