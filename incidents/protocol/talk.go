package protocol

import (
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"watchbell/incidents"
)

var usual struct {
	once sync.Once
	talk incidents.Talk
}

// usualTalk is what is listened for where a file does not say: what the default protocol says.
func usualTalk() incidents.Talk {
	usual.once.Do(func() { usual.talk = Default().Talk })
	return usual.talk
}

const (
	mostPhrases   = 200
	longestPhrase = 80
)

// talk reads what is listened for.
func (f *file) talk(n *yaml.Node) incidents.Talk {
	if n == nil {
		return usualTalk()
	}
	m, ok := f.mapping(n, "talk", "recovered", "trouble", "unless")
	if !ok {
		return incidents.Talk{}
	}
	return incidents.NewTalk(m.phrases("recovered"), m.phrases("trouble"), m.phrases("unless"))
}

// phrases are the words of a list.
func (m mapping) phrases(key string) []string {
	all := m.texts(key)
	if len(all) > mostPhrases {
		m.say(m.at(key), "%q has %d phrases, and %d are the most", key, len(all), mostPhrases)
	}
	for _, n := range m.list(key) {
		switch {
		case n.Kind != yaml.ScalarNode:
		case utf8.RuneCountInString(n.Value) > longestPhrase:
			m.say(n, "a phrase of %q has %d characters; say it in %d at most", key, utf8.RuneCountInString(n.Value), longestPhrase)
		case n.Value != "" && !incidents.HasWords(n.Value):
			m.say(n, "%q has no words that could be heard", n.Value)
		}
	}
	return all
}
