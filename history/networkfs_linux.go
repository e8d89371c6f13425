package history

import "golang.org/x/sys/unix"

// networkFS names the network file system that a directory lies on, if it does. SQLite's write-ahead log
// needs memory shared by all who use the file, which a network file system cannot give (sqlite.org/wal.html).
func networkFS(dir string) (string, bool) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return "", false
	}
	switch uint32(s.Type) {
	case unix.NFS_SUPER_MAGIC:
		return "NFS", true
	case unix.CIFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC:
		return "a Windows share", true
	case unix.V9FS_MAGIC:
		return "a shared folder of the host (9p)", true
	}
	return "", false
}
