package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// appendChunk appends a chunk of a PNG.
func appendChunk(out []byte, name string, body []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
	from := len(out)
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[from:]))
}

// The blocks of a GIF. See https://www.w3.org/Graphics/GIF/spec-gif89a.txt.
const (
	gifExtension, gifImage, gifEnd      = 0x21, 0x2C, 0x3B
	gifControl, gifText, gifApplication = 0xF9, 0x01, 0xFF
)

// loops are the applications' blocks that say how an animation runs.
var loops = [][]byte{[]byte("NETSCAPE2.0"), []byte("ANIMEXTS1.0")}

// bareGIF leaves out comments and what applications wrote, but for how an animation runs.
func bareGIF(data []byte) []byte {
	const head = 13
	if len(data) < head {
		return nil
	}
	at := head + colours(data[10])
	if at > len(data) {
		return nil
	}
	out := append(make([]byte, 0, len(data)), data[:at]...)
	for at < len(data) {
		from := at
		switch data[at] {
		case gifEnd:
			return append(out, gifEnd)
		case gifImage:
			if at+10 > len(data) {
				return nil
			}
			at += 10 + colours(data[at+9]) + 1 // and the size of its codes
		case gifExtension:
			at += 2
		default:
			return nil
		}
		body := at
		if at = subBlocks(data, at); at < 0 {
			return nil
		}
		keep := data[from] == gifImage
		if !keep {
			switch data[from+1] {
			case gifControl, gifText:
				keep = true
			case gifApplication:
				keep = slices.ContainsFunc(loops, func(name []byte) bool {
					return body+1 < len(data) && bytes.HasPrefix(data[body+1:], name)
				})
			}
		}
		if keep {
			out = append(out, data[from:at]...)
		}
	}
	return nil
}

// colours is how long the table of colours is that a byte of flags tells of.
func colours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// subBlocks is where a row of sub-blocks ends that begins at a place; -1 when it does not end.
func subBlocks(data []byte, at int) int {
	for at < len(data) {
		n := int(data[at])
		at += n + 1
		if n == 0 {
			return at
		}
	}
	return -1
}
