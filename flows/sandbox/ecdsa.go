package sandbox

import (
	"encoding/asn1"
	"math/big"
)

// rawSignature turns an ECDSA signature from ASN.1 DER into the 64 bytes that JWS wants, each half padded on the left.
func rawSignature(der []byte) ([]byte, error) {
	var halves struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &halves); err != nil {
		return nil, err
	}
	raw := make([]byte, 64)
	halves.R.FillBytes(raw[:32])
	halves.S.FillBytes(raw[32:])
	return raw, nil
}
