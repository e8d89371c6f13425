// Command countersign is a terminal workbench for partner-API authentication.
package main

func main() {}
