package history

import "io/fs"

// othersMay is false: Windows has access lists, and the profile directory that history lives in is its owner's.
func othersMay(fs.FileInfo) bool { return false }
