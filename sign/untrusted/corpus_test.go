package untrusted_test

import "strings"

// sample is one hostile input with the screen it must give.
// block is empty where the block looks like the line.
type sample struct{ name, in, line, block string }

// corpus holds what has reached terminals through other programs: sequences that command them,
// characters that reorder, hide or overprint.
var corpus = []sample{
	{name: "sgr", in: "\x1b[31mred\x1b[0m", line: "^[[31mred^[[0m"},
	{name: "conceal", in: "\x1b[8mAMOUNT", line: "^[[8mAMOUNT"},
	{name: "clear screen", in: "\x1b[2J\x1b[H", line: "^[[2J^[[H"},
	{name: "window title, bel", in: "\x1b]0;pwned\x07", line: "^[]0;pwned^G"},
	{name: "window title, st", in: "\x1b]0;pwned\x1b\\", line: "^[]0;pwned^[\\"},
	{name: "hyperlink", in: "\x1b]8;;http://evil\x1b\\pay\x1b]8;;\x1b\\", line: "^[]8;;http://evil^[\\pay^[]8;;^[\\"},
	{name: "clipboard, bel", in: "\x1b]52;c;cm0gLXJm\x07", line: "^[]52;c;cm0gLXJm^G"},
	{name: "clipboard, st", in: "\x1b]52;c;cm0gLXJm\x1b\\", line: "^[]52;c;cm0gLXJm^[\\"},
	{name: "dcs", in: "\x1bP+q544e\x1b\\", line: "^[P+q544e^[\\"},
	{name: "apc", in: "\x1b_Gf=32;AAAA\x1b\\", line: "^[_Gf=32;AAAA^[\\"},
	{name: "c1 csi, raw byte", in: "\x9b2J", line: `\x9B2J`},
	{name: "c1 csi, utf-8", in: "\u009b2J", line: "<U+009B>2J"},
	{name: "c1 osc, utf-8", in: "\u009d52;c;AA\u009c", line: "<U+009D>52;c;AA<U+009C>"},
	{name: "unterminated osc", in: "\x1b]52;c;\nAMOUNT 999", line: "^[]52;c;^JAMOUNT 999", block: "^[]52;c;\nAMOUNT 999"},
	{name: "cr overwrites", in: "Amount: 999\rAmount: 1", line: "Amount: 999^MAmount: 1"},
	{name: "crlf", in: "a\r\nb\r\r\n", line: "a^M^Jb^M^M^J", block: "a\nb^M\n"},
	{name: "backspace", in: "999\b\b\b1", line: "999^H^H^H1"},
	{name: "bel", in: "\a", line: "^G"},
	{name: "shift out", in: "\x0elqqk\x0f", line: "^Nlqqk^O"},
	{name: "del", in: "a\x7fb", line: "a^?b"},
	{name: "nul", in: "a\x00b", line: "a^@b"},
	{name: "vt and ff", in: "a\vb\fc", line: "a^Kb^Lc"},
	{name: "tab", in: "ab\tc\t\td", line: "ab^Ic^I^Id", block: "ab      c               d"},
	{name: "rlo", in: "user\u202eexe.txt", line: "user<U+202E>exe.txt"},
	{name: "rli", in: "\u2067admin\u2069", line: "<U+2067>admin<U+2069>"},
	{name: "marks of direction", in: "\u061c\u200e\u200f", line: "<U+061C><U+200E><U+200F>"},
	{name: "zwsp", in: "pay\u200bpal", line: "pay<U+200B>pal"},
	{name: "zwj", in: "👩\u200d💻", line: "👩<U+200D>💻"},
	{name: "bom", in: "\ufeff{}", line: "<U+FEFF>{}"},
	{name: "tags", in: "ok\U000e0041\U000e007f", line: "ok<U+E0041><U+E007F>"},
	{name: "variation selectors", in: "❤\ufe0f\U000e0100", line: "❤<U+FE0F><U+E0100>"},
	{name: "soft hyphen", in: "pass\u00adword", line: "pass<U+00AD>word"},
	{name: "line separator", in: "a\u2028b\u2029c", line: "a<U+2028>b<U+2029>c"},
	{name: "nel", in: "a\u0085b", line: "a<U+0085>b"},
	{name: "latin-1", in: "caf\xe9", line: `caf\xE9`},
	{name: "cut rune", in: "\xe2\x82", line: `\xE2\x82`},
	{name: "overlong and surrogate", in: "\xc0\xaf\xed\xa0\x80", line: `\xC0\xAF\xED\xA0\x80`},
	{name: "device attributes query", in: "\x1b[c\x05", line: "^[[c^E"},
	{name: "reset", in: "\x1bc", line: "^[c"},
	{name: "zalgo", in: "a" + strings.Repeat("\u0301", 30) + "b", line: "a" + strings.Repeat("\u0301", 8) + "<+22 marks>b"},
	{name: "mark without a base", in: "\u0301a\u200b\u0301", line: "<U+0301>a<U+200B><U+0301>"},
	{name: "mark on a new line", in: "a\n\u0301", line: "a^J<U+0301>", block: "a\n<U+0301>"},
	{name: "mark on a quote", in: "\"\u0301\\\u0301", line: "\"\u0301\\\u0301"},
	{name: "blanks", in: "a\u00a0b\u3000c\u2800\u3164", line: "a<U+00A0>b<U+3000>c<U+2800><U+3164>"},
	{name: "private and unassigned", in: "\ue0b0\U000f0000\uffff", line: "<U+E0B0><U+F0000><U+FFFF>"},
	{name: "other languages", in: "مرحبا 決済 é नमस्ते", line: "مرحبا 決済 é नमस्ते"},
	{name: "looks like ours", in: `^[ <U+202E> \xE9`, line: `^[ <U+202E> \xE9`},
}
