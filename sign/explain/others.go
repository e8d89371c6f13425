package explain

func examineJupico(*examination) {}
func examineJPay(*examination)   {}
func examineKuna(*examination)   {}
