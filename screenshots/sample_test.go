package screenshots

import (
	"fmt"
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// ramp is the colours of the sample screen, once for a dark and once for a light ground.
type ramp struct{ accent, good, warn, bad, quiet, chip, line string }

var (
	nightRamp = ramp{"#7aa7ff", "#7fd39b", "#f0c674", "#f2777a", "#8a93a8", "#263047", "#3b4357"}
	dayRamp   = ramp{"#2456c7", "#1f7a3d", "#8f5f00", "#b3262f", "#667085", "#dfe7fb", "#c3c8d4"}
)

// workbench is a screen of 120x40 as the workbench draws them: panes, chips, a stepper, a chart.
func workbench(dark bool) Frame {
	r := dayRamp
	if dark {
		r = nightRamp
	}
	screen := lipgloss.JoinVertical(lipgloss.Left, r.status(),
		lipgloss.JoinHorizontal(lipgloss.Top, r.partners(),
			lipgloss.JoinVertical(lipgloss.Left, r.stepper(),
				lipgloss.JoinHorizontal(lipgloss.Top, r.pane("Credentials", 44, 9, false, r.credentials()), r.pane("Token", 44, 9, false, r.token())),
				r.pane("Canonical string", 88, 9, true, r.canonical()),
				r.pane("Signature", 88, 5, false, r.signature()),
				r.pane("Response", 88, 10, false, r.response()))),
		r.keys())
	return NewFrame(screen, 120, 40)
}

func (r ramp) fg(c string) lipgloss.Style { return lipgloss.NewStyle().Foreground(lipgloss.Color(c)) }

func (r ramp) status() string {
	chip := lipgloss.NewStyle().Background(lipgloss.Color(r.accent)).Foreground(lipgloss.Color("#0d1017")).Bold(true)
	if r == dayRamp {
		chip = chip.Foreground(color.White)
	}
	soft := lipgloss.NewStyle().Background(lipgloss.Color(r.chip))
	bar := chip.Render(" Acme Pay ") + soft.Render(" sandbox ") + soft.Foreground(lipgloss.Color(r.quiet)).Render(" profile default  POST /v1/payouts ")
	right := soft.Foreground(lipgloss.Color(r.good)).Render(" ● token 04:31 ") + soft.Faint(true).Render(" skew +0.2s ")
	return bar + soft.Render(strings.Repeat(" ", 120-lipgloss.Width(bar)-lipgloss.Width(right))) + right
}

func (r ramp) pane(title string, w, h int, focus bool, body string) string {
	line, name := r.fg(r.line), lipgloss.NewStyle().Bold(true)
	if focus {
		line, name = r.fg(r.accent), name.Foreground(lipgloss.Color(r.accent))
	}
	top := line.Render("╭─ ") + name.Render(title) + line.Render(" "+strings.Repeat("─", w-5-len(title))+"╮")
	rest := lipgloss.NewStyle().Border(lipgloss.RoundedBorder(), false, true, true, true).
		BorderForeground(line.GetForeground()).Padding(0, 1).Width(w).Height(h - 1).MaxHeight(h - 1).Render(body)
	return top + "\n" + rest
}

func (r ramp) partners() string {
	q := r.fg(r.quiet)
	list := []string{
		r.fg(r.accent).Bold(true).Render("▾ Acme Pay"),
		lipgloss.NewStyle().Background(lipgloss.Color(r.chip)).Bold(true).Width(28).Render("  ▶ POST /v1/payouts"),
		"    GET  /v1/balance", "    GET  /v1/payouts/{id}", "",
		"▸ Borealis Bank", "▸ Cardinal Wallet " + q.Render("mTLS"), "▸ 大阪信用 Ōsaka", "▸ Ελληνική Τράπεζα", "",
		lipgloss.NewStyle().Bold(true).Underline(true).Render("Recent"), "",
	}
	for i := range 12 {
		mark := r.fg(r.good).Render("✓ 201")
		if i%5 == 1 {
			mark = r.fg(r.bad).Render("✗ 401")
		} else if i%7 == 3 {
			mark = r.fg(r.warn).Bold(true).Render("? OUT")
		}
		list = append(list, mark+q.Render(fmt.Sprintf(" 02:%02d:%02d ", 41-i, i*17%60))+"payout "+q.Render(fmt.Sprintf("#%04x", 48211-i*7)))
	}
	list = append(list, "", q.Italic(true).Render("latency, last 50"), r.fg(r.accent).Render("⣀⣀⣠⣤⣤⣶⣾⣿⣷⣦⣄⣀⣀⣠⣴⣾⣿⣿⣷⣦⣤⣀⣀⣠⣤⣶"), r.fg(r.good).Render("▁▂▃▄▅▆▇█▇▆▅▄▃▂▁ ░▒▓█"))
	return r.pane("Partners", 32, 38, false, strings.Join(list, "\n"))
}

func (r ramp) stepper() string {
	done, now, q := r.fg(r.good), r.fg(r.accent).Bold(true), r.fg(r.quiet)
	return " " + done.Render("● credentials") + q.Render(" ━━ ") + done.Render("● token") + q.Render(" ━━ ") +
		now.Render("◉ canonical string") + q.Render(" ╌╌ ○ signature ╌╌ ○ response") + "\n" + r.fg(r.line).Render(strings.Repeat("─", 88))
}

func (r ramp) credentials() string {
	q := r.fg(r.quiet)
	return q.Render("client_id      ") + "acme-7f3a\n" + q.Render("client_secret  ") + "•••••••• " + q.Faint(true).Render("keyring") + "\n" +
		q.Render("signing_key    ") + "P-256 " + r.fg(r.accent).Underline(true).Render("a3:9c:11:e0") + "\n" + q.Render("certificate    ") + "CN=acme\n\n" +
		r.fg(r.warn).Render("⚠ expires in 11 days")
}

func (r ramp) token() string {
	q := r.fg(r.quiet)
	return q.Render("type     ") + "Bearer\n" + q.Render("expires  ") + r.fg(r.good).Bold(true).Render("04:31") + "\n" +
		r.fg(r.good).Render("████████████████▌") + r.fg(r.line).Render("░░░░░░░░░░░░░") + "\n" + q.Render("source   ") + "client_credentials\n\n" + q.Faint(true).Render("refreshes by itself at 00:30")
}

func (r ramp) canonical() string {
	parts := []string{r.fg(r.accent).Render("POST"), r.fg(r.quiet).Render("⏎"), r.fg(r.good).Render("/v1/payouts"), r.fg(r.quiet).Render("⏎"),
		r.fg(r.warn).Render("1767225600"), r.fg(r.quiet).Render("⏎"), r.fg("5").Render("6f1c2d90-5b7e-4f31")}
	return strings.Join(parts, "") + "\n" + r.fg("6").Render("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU") + "\n\n" +
		lipgloss.NewStyle().Reverse(true).Render(" bytes 5-16 ") + " path " + r.fg(r.quiet).Render("from the request, ") + lipgloss.NewStyle().Italic(true).Render("percent-encoded") + "\n" +
		"┌──────┬─────────────┬────────────┐  ╔═══╦═══╗  ┏━━━┳━━━┓\n│ POST │ /v1/payouts │ 1767225600 │  ╠═══╬═══╣  ┣━━━╋━━━┫\n└──────┴─────────────┴────────────┘  ╚═══╩═══╝  ┗━━━┻━━━┛"
}

func (r ramp) signature() string {
	return r.fg(r.quiet).Render("HMAC-SHA256  ") + "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n" +
		r.fg(r.quiet).Render("header       ") + lipgloss.NewStyle().Bold(true).Render("X-Signature") + ": v1=" + lipgloss.NewStyle().Strikethrough(true).Faint(true).Render("n4bQgYhMfWWaL") + "n4bQgYhMfWWaL-qgxVrQFaO"
}

func (r ramp) response() string {
	k, s := r.fg(r.accent), r.fg(r.good)
	return r.fg(r.bad).Bold(true).Render("401 Unauthorized") + r.fg(r.quiet).Render("  182 ms  TLS 1.3  application/json") + "\n{\n  " +
		k.Render(`"code"`) + ": " + s.Render(`"SIGNATURE_MISMATCH"`) + ",\n  " + k.Render(`"message"`) + ": " + s.Render(`"signature does not match the request"`) + "\n}\n" +
		r.fg(r.warn).Render("▌") + " proved: the body was signed " + lipgloss.NewStyle().Bold(true).Render("with a trailing newline") + "  " + r.fg(r.quiet).Render("excluded 41 others")
}

func (r ramp) keys() string {
	var b strings.Builder
	for _, k := range [][2]string{{"space", "next step"}, {"e", "edit"}, {"r", "replay"}, {"y", "copy"}, {"/", "search"}, {"tab", "pane"}, {"?", "help"}, {"q", "quit"}} {
		b.WriteString(" " + r.fg(r.accent).Bold(true).Render(k[0]) + " " + r.fg(r.quiet).Render(k[1]) + " ")
	}
	return b.String()
}
