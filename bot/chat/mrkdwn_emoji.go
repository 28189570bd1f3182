package chat

import (
	"regexp"
	"strings"
)

// emoji are the names that Slack gives to the characters that appear in what
// is said during incidents. Names that are not here, among them those that a
// workspace made up, stay text: what was said is not lost.
// Source: github.com/iamcal/emoji-data, short names.
var emoji = map[string]string{
	"warning": "⚠️", "rotating_light": "🚨", "fire": "🔥", "boom": "💥", "bell": "🔔", "no_entry": "⛔", "no_entry_sign": "🚫",
	"octagonal_sign": "🛑", "construction": "🚧", "sos": "🆘", "exclamation": "❗", "heavy_exclamation_mark": "❗", "bangbang": "‼️",
	"question": "❓", "grey_question": "❔", "interrobang": "⁉️",
	"white_check_mark": "✅", "heavy_check_mark": "✔️", "ballot_box_with_check": "☑️", "x": "❌", "negative_squared_cross_mark": "❎",
	"red_circle": "🔴", "large_red_circle": "🔴", "large_orange_circle": "🟠", "large_yellow_circle": "🟡", "large_green_circle": "🟢",
	"large_blue_circle": "🔵", "white_circle": "⚪", "black_circle": "⚫", "large_green_square": "🟩", "large_red_square": "🟥",
	"tada": "🎉", "eyes": "👀", "+1": "👍", "thumbsup": "👍", "-1": "👎", "thumbsdown": "👎", "pray": "🙏", "clap": "👏", "wave": "👋",
	"raised_hands": "🙌", "ok_hand": "👌", "muscle": "💪", "point_up": "☝️", "point_right": "👉", "point_down": "👇", "raised_hand": "✋",
	"thinking_face": "🤔", "smile": "😄", "slightly_smiling_face": "🙂", "grin": "😁", "joy": "😂", "sweat_smile": "😅", "wink": "😉",
	"sob": "😭", "cry": "😢", "disappointed": "😞", "confused": "😕", "scream": "😱", "sweat": "😓", "grimacing": "😬", "face_palm": "🤦",
	"shrug": "🤷", "heart": "❤️", "green_heart": "💚", "star": "⭐", "sparkles": "✨", "rocket": "🚀", "bug": "🐛", "wrench": "🔧",
	"hammer": "🔨", "hammer_and_wrench": "🛠️", "gear": "⚙️", "mag": "🔍", "lock": "🔒", "unlock": "🔓", "key": "🔑", "link": "🔗",
	"pushpin": "📌", "round_pushpin": "📍", "memo": "📝", "pencil": "📝", "clipboard": "📋", "calendar": "📆", "chart_with_upwards_trend": "📈",
	"chart_with_downwards_trend": "📉", "bar_chart": "📊", "email": "✉️", "phone": "☎️", "telephone_receiver": "📞", "pager": "📟",
	"computer": "💻", "desktop_computer": "🖥️", "floppy_disk": "💾", "package": "📦", "globe_with_meridians": "🌐", "cloud": "☁️", "zap": "⚡",
	"hourglass": "⌛", "hourglass_flowing_sand": "⏳", "stopwatch": "⏱️", "clock1": "🕐", "alarm_clock": "⏰", "arrows_counterclockwise": "🔄",
	"repeat": "🔁", "arrow_up": "⬆️", "arrow_down": "⬇️", "arrow_right": "➡️", "arrow_left": "⬅️", "100": "💯", "bulb": "💡", "mega": "📣",
	"loudspeaker": "📢", "speech_balloon": "💬", "information_source": "ℹ️", "heavy_plus_sign": "➕", "heavy_minus_sign": "➖", "coffee": "☕",
}

var emojiName = regexp.MustCompile(`^:([a-z0-9_+\-]{1,60}):(?::skin-tone-[2-6]:)?`)

// emojiAt returns the character for the emoji that s begins with, and the
// length of its name in s; 0 if there is none. A skin tone is left out. Beside
// a letter or digit it is none: "root:x:0" is text. before is the rune before s.
func emojiAt(s string, before rune) (char string, length int) {
	m := emojiName.FindStringSubmatch(s)
	if m == nil || emoji[m[1]] == "" || asciiLetter(before) || asciiDigit(before) {
		return "", 0
	}
	if next := s[len(m[0]):]; next != "" && (asciiLetter(rune(next[0])) || asciiDigit(rune(next[0]))) {
		return "", 0
	}
	return emoji[m[1]], len(m[0])
}

// emojiIn replaces the names of emoji in plain text.
func emojiIn(s string) string {
	var b strings.Builder
	before := rune(0)
	for {
		i := strings.IndexByte(s, ':')
		if i < 0 {
			return b.String() + s
		}
		b.WriteString(s[:i])
		if i > 0 {
			before = rune(s[i-1])
		}
		char, n := emojiAt(s[i:], before)
		if n == 0 {
			char, n = ":", 1
		}
		b.WriteString(char)
		s, before = s[i+n:], ':'
	}
}
