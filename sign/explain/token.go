package explain

func (x *examination) bearer() {}
