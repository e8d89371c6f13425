package ui

import (
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// Arrived is the message with which requests arrive that reached the sandbox.
func Arrived(list ...flows.Inbound) tea.Msg { return arrived{list} }
