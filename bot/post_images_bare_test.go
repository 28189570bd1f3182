package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
)

// private is what must not be published: it stands for a position, a name, a preview.
const private = "48.137N 11.575E, Ana's phone"

// segment is a segment of a JPEG.
func segment(marker byte, body string) []byte {
	out := binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2))
	return append(out, body...)
}

// tiff is an EXIF block with a position, and with which way is up.
func tiff(order binary.AppendByteOrder, mark string, which uint16) string {
	out := []byte(mark)
	out = order.AppendUint16(out, 42)
	out = order.AppendUint32(out, 8)
	out = order.AppendUint16(out, 2)
	out = order.AppendUint16(order.AppendUint16(out, 0x010F), 2) // the maker, at the end
	out = order.AppendUint32(order.AppendUint32(out, uint32(len(private))), 38)
	out = order.AppendUint16(order.AppendUint16(out, tagOrientation), tiffShort)
	out = order.AppendUint16(order.AppendUint16(order.AppendUint32(out, 1), which), 0)
	out = order.AppendUint32(out, 0)
	return string(out) + private
}

func testImage() *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{color.Black, color.White, color.RGBA{200, 0, 0, 255}})
	for i := range img.Pix {
		img.Pix[i] = uint8(i % 3)
	}
	return img
}

func jpegWith(t testing.TB, segments ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, testImage(), nil); err != nil {
		t.Fatal(err)
	}
	return slices.Concat(b.Bytes()[:2], slices.Concat(segments...), b.Bytes()[2:])
}

func pngWith(t testing.TB, chunks ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, testImage()); err != nil {
		t.Fatal(err)
	}
	const header = 8 + 25
	out := slices.Clone(b.Bytes()[:header])
	for i := 0; i < len(chunks); i += 2 {
		out = appendChunk(out, chunks[i], []byte(chunks[i+1]))
	}
	return append(out, b.Bytes()[header:]...)
}

// webpWith is a WebP as far as its container goes.
func webpWith(chunks ...string) []byte {
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	for i := 0; i < len(chunks); i += 2 {
		out = binary.LittleEndian.AppendUint32(append(out, chunks[i]...), uint32(len(chunks[i+1])))
		if out = append(out, chunks[i+1]...); len(chunks[i+1])%2 == 1 {
			out = append(out, 0)
		}
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

func gifWith(t testing.TB, extension string) []byte {
	t.Helper()
	var b bytes.Buffer
	img := testImage()
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{img, img}, Delay: []int{10, 10}}); err != nil {
		t.Fatal(err)
	}
	head := 13 + colours(b.Bytes()[10])
	return slices.Concat(b.Bytes()[:head], []byte(extension), b.Bytes()[head:])
}

// Nothing of what nobody sees is left, every pixel is, and the image stands as it stood.
func TestBareImages(t *testing.T) {
	big, little := tiff(binary.BigEndian, "MM", 6), tiff(binary.LittleEndian, "II", 8)
	exif := func(tiff string) []byte { return segment(0xE1, "Exif\x00\x00"+tiff) }
	remark := string([]byte{gifExtension, 0xFE, byte(len(private))}) + private + "\x00"
	looping := "\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00"
	profile := segment(0xE2, "ICC_PROFILE\x00\x01\x01colours")
	for name, c := range map[string]struct {
		image []byte
		which int    // the orientation that has to be left
		keeps string // what has to be left as well
	}{
		"JPEG, EXIF":             {jpegWith(t, exif(big)), 6, ""},
		"JPEG, EXIF from Intel":  {jpegWith(t, exif(little)), 8, ""},
		"JPEG, upright":          {jpegWith(t, exif(tiff(binary.BigEndian, "MM", 1))), 0, ""},
		"JPEG, everything":       {jpegWith(t, exif(big), segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00"+private), profile, segment(0xED, "Photoshop 3.0\x00"+private), segment(0xFE, private)), 6, string(profile)},
		"JPEG, a second image":   {append(jpegWith(t), jpegWith(t, exif(big))...), 0, ""},
		"JPEG, a preview":        {jpegWith(t, segment(0xE0, "JFXX\x00"+private)), 0, ""},
		"PNG, texts":             {pngWith(t, "tEXt", "Author\x00"+private, "iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+private, "zTXt", private, "tIME", "1234567"), 0, ""},
		"PNG, EXIF":              {pngWith(t, "eXIf", big, "pHYs", "\x00\x00\x0b\x13\x00\x00\x0b\x13\x01"), 6, "pHYs"},
		"PNG, something behind":  {append(pngWith(t), private...), 0, ""},
		"WebP":                   {webpWith("VP8X", "\x1c\x00\x00\x00\x27\x00\x00\x1d\x00\x00", "VP8L", "pixel", "EXIF", little, "XMP ", private, "what", private), 8, "pixel"},
		"WebP without extension": {webpWith("VP8 ", "pixels"), 0, "pixels"},
		"GIF":                    {gifWith(t, looping+remark+"\x21\xFF\x0BXMP DataXMP\x04"+private[:4]+"\x00"), 0, "NETSCAPE2.0"},
	} {
		got := bare(c.image)
		if got == nil {
			t.Errorf("%s: it is refused", name)
			continue
		}
		if bytes.Contains(got, []byte(private[:4])) || len(got) > len(c.image) || !bytes.Contains(got, []byte(c.keeps)) {
			t.Errorf("%s: it becomes %q", name, got)
		}
		if which := found(got); which != c.which {
			t.Errorf("%s: the orientation is %d, want %d", name, which, c.which)
		}
		if again := bare(got); !bytes.Equal(again, got) {
			t.Errorf("%s: once more it becomes another one", name)
		}
		if strings.HasPrefix(name, "WebP") {
			continue // the standard library does not read them
		}
		before, _, err1 := image.Decode(bytes.NewReader(c.image))
		after, _, err2 := image.Decode(bytes.NewReader(got))
		if err1 != nil || err2 != nil || !samePixels(before, after) {
			t.Errorf("%s: its pixels changed (%v, %v)", name, err1, err2)
		}
	}
}

// found is the orientation that an image without any other metadata tells of; 0 for none.
func found(data []byte) int {
	if at := bytes.Index(data, []byte("MM\x00*")); at >= 0 {
		return orientation(data[at:])
	}
	return 0
}

func samePixels(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

// Whatever bytes come, nothing panics, what comes out is stable, and an image that could be shown before can be after.
func FuzzBareImage(f *testing.F) {
	f.Add(jpegWith(f, segment(0xE1, "Exif\x00\x00"+tiff(binary.BigEndian, "MM", 6))))
	f.Add(pngWith(f, "tEXt", "Author\x00"+private))
	f.Add(webpWith("VP8X", "\x0c\x00\x00\x00\x27\x00\x00\x1d\x00\x00", "VP8L", "pixel", "EXIF", tiff(binary.LittleEndian, "II", 3)))
	f.Add(gifWith(f, string([]byte{gifExtension, 0xFE, byte(len(private))})+private+"\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := bare(data)
		if got == nil {
			return
		}
		if again := bare(got); !bytes.Equal(again, got) {
			t.Errorf("%q becomes %q and then %q", data, got, again)
		}
		before, _, err := image.Decode(bytes.NewReader(data))
		if err != nil || before.Bounds().Dx()*before.Bounds().Dy() > 1<<16 {
			return
		}
		if after, _, err := image.Decode(bytes.NewReader(got)); err != nil || !samePixels(before, after) {
			t.Errorf("%q cannot be shown any more: %v", data, err)
		}
	})
}
