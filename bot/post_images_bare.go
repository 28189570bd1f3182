package main

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"slices"
)

// Photos and screenshots carry what nobody sees: where they were taken, by whom, with what, and sometimes an uncropped
// preview. Before an image is published all of that is taken off, without touching its pixels. What stays is which way is
// up, and its colours.

// bare is an image without metadata; nil when its bytes are not as its format has them.
func bare(data []byte) []byte {
	switch http.DetectContentType(data) {
	case "image/jpeg":
		return bareJPEG(data)
	case "image/png":
		return barePNG(data)
	case "image/webp":
		return bareWebP(data)
	case "image/gif":
		return bareGIF(data)
	}
	return nil
}

// The markers of a JPEG. See https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B.
const (
	jpegStart, jpegEnd, jpegScan    = 0xD8, 0xD9, 0xDA
	jpegApp0, jpegApp15, jpegRemark = 0xE0, 0xEF, 0xFE
)

// bareJPEG keeps what is needed to show the image: of the applications' segments the colour profile, JFIF's and Adobe's
// notes on colours, and which way is up. What follows its end, such as a second image, goes.
func bareJPEG(data []byte) []byte {
	out := append(make([]byte, 0, len(data)), 0xFF, jpegStart)
	turned := false
	for at := 2; ; {
		for at < len(data) && data[at] != 0xFF {
			at++ // what stands between segments means nothing
		}
		for at < len(data) && data[at] == 0xFF {
			at++
		}
		if at >= len(data) {
			return nil
		}
		marker := data[at]
		at++
		switch {
		case marker == jpegEnd:
			return append(out, 0xFF, jpegEnd)
		case marker == 0 || marker == 1 || marker >= 0xD0 && marker <= jpegStart:
			continue // stands alone
		case at+2 > len(data):
			return nil
		}
		n := int(binary.BigEndian.Uint16(data[at:]))
		if n < 2 || at+n > len(data) {
			return nil
		}
		segment := data[at : at+n]
		at += n
		switch body := segment[2:]; {
		case marker == jpegRemark:
		case marker < jpegApp0 || marker > jpegApp15, keptApp(marker, body):
			out = append(append(out, 0xFF, marker), segment...)
		case marker == 0xE1 && !turned && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			if which := orientation(body[6:]); which > 1 {
				turned = true
				exif := append([]byte("Exif\x00\x00"), orientedTIFF(which)...)
				out = append(out, 0xFF, marker)
				out = binary.BigEndian.AppendUint16(out, uint16(len(exif)+2))
				out = append(out, exif...)
			}
		}
		if marker == jpegScan {
			from := at
			at = scanEnd(data, at)
			out = append(out, data[from:at]...)
		}
	}
}

// keptApp reports whether an application's segment is about colours alone.
func keptApp(marker byte, body []byte) bool {
	switch marker {
	case jpegApp0:
		return bytes.HasPrefix(body, []byte("JFIF\x00")) // and not JFXX, which is a preview
	case 0xE2:
		return bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	case 0xEE:
		return bytes.HasPrefix(body, []byte("Adobe"))
	}
	return false
}

// scanEnd is where the pixels that begin at a place end: at the next marker that does not belong to them.
func scanEnd(data []byte, at int) int {
	for ; at+1 < len(data); at++ {
		if next := data[at+1]; data[at] == 0xFF && next != 0 && (next < 0xD0 || next > 0xD7) && next != 0xFF {
			return at
		}
	}
	return len(data)
}

const (
	tagOrientation = 0x0112
	tiffShort      = 3
)

// orientation is which way is up, from 1 to 8, as EXIF's TIFF says it; 0 when it does not. See the TIFF specification 6.0.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	} else if string(tiff[:2]) != "MM" {
		return 0
	}
	first := uint64(order.Uint32(tiff[4:]))
	if first+2 > uint64(len(tiff)) {
		return 0
	}
	entries := tiff[first+2:]
	for range order.Uint16(tiff[first:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == tiffShort {
			if which := int(order.Uint16(entries[8:])); which >= 1 && which <= 8 {
				return which
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}

// orientedTIFF is a TIFF that says which way is up, and nothing else.
func orientedTIFF(which int) []byte {
	return []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, tiffShort, 0, 0, 0, 1, 0, byte(which), 0, 0, 0, 0, 0, 0}
}

// shownChunks are the chunks of a PNG, animated or not, that say how it looks.
// See https://www.w3.org/TR/png-3/#4Concepts.FormatTypes.
var shownChunks = []string{
	"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "cLLI", "bKGD", "hIST", "pHYs",
	"sPLT", "acTL", "fcTL", "fdAT",
}

func barePNG(data []byte) []byte {
	const head = 8
	out := append(make([]byte, 0, len(data)), data[:head]...)
	for rest := data[head:]; len(rest) >= 12; {
		n := uint64(binary.BigEndian.Uint32(rest))
		if n+12 > uint64(len(rest)) {
			return nil
		}
		chunk, name := rest[:n+12], string(rest[4:8])
		rest = rest[n+12:]
		switch {
		case slices.Contains(shownChunks, name):
			out = append(out, chunk...)
		case name == "eXIf":
			if which := orientation(chunk[8 : 8+n]); which > 1 {
				out = appendChunk(out, name, orientedTIFF(which))
			}
		}
		if name == "IEND" {
			return out
		}
	}
	return nil
}

// bareWebP: see https://developers.google.com/speed/webp/docs/riff_container.
func bareWebP(data []byte) []byte {
	const head, exifFlag, xmpFlag = 12, 0x08, 0x04
	if len(data) < head {
		return nil
	}
	out := append(make([]byte, 0, len(data)), data[:head]...)
	extended := 0 // where the flags are
	size := min(uint64(binary.LittleEndian.Uint32(data[4:]))+8, uint64(len(data)))
	if size < head {
		return nil
	}
	pixels := false
	for rest := data[head:size]; len(rest) >= 8; {
		n := uint64(binary.LittleEndian.Uint32(rest[4:]))
		if n+8 > uint64(len(rest)) {
			return nil
		}
		chunk, name := rest[:n+8], string(rest[:4])
		rest = rest[min(n+8+n%2, uint64(len(rest))):]
		switch name {
		case "VP8X":
			if n < 10 {
				return nil
			}
			extended = len(out) + 8
		case "VP8 ", "VP8L", "ANMF":
			pixels = true
		case "EXIF":
			which := orientation(bytes.TrimPrefix(chunk[8:], []byte("Exif\x00\x00")))
			if which < 2 || extended == 0 {
				continue
			}
			tiff := orientedTIFF(which)
			chunk = append(binary.LittleEndian.AppendUint32([]byte("EXIF"), uint32(len(tiff))), tiff...)
		case "ALPH", "ANIM", "ICCP":
		default:
			continue
		}
		out = append(out, chunk...)
		if len(chunk)%2 == 1 {
			out = append(out, 0)
		}
		if name == "VP8X" {
			out[extended] &^= exifFlag | xmpFlag
		}
		if name == "EXIF" {
			out[extended] |= exifFlag
		}
	}
	if !pixels {
		return nil
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
