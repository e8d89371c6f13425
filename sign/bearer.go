package sign

import "errors"

// AccessToken is the name under which a scheme finds the access token among the secrets.
const AccessToken = "access_token"

// Bearer puts the access token into Authorization (RFC 6750 section 2.1) and signs nothing.
func Bearer(in Input) (Signed, error) {
	req, err := withBearer(in)
	if err != nil {
		return Signed{}, err
	}
	return Signed{Request: req, KeyName: AccessToken, KeyID: in.Secrets[AccessToken].Fingerprint(), Carrier: "Authorization"}, nil
}

// APIKey returns a scheme that puts the secret of the named field into a header and signs nothing.
func APIKey(field, header string) Scheme {
	return func(in Input) (Signed, error) {
		key := in.Secrets[field]
		if key.Empty() {
			return Signed{}, errors.New("there is no api key to send")
		}
		var value Builder
		value.Key(field, key)
		return Signed{
			Request: in.Request.With(ByScheme, header, value.Text()),
			KeyName: field, KeyID: key.Fingerprint(), Carrier: header,
		}, nil
	}
}

func withBearer(in Input) (Request, error) {
	token := in.Secrets[AccessToken]
	if token.Empty() {
		return Request{}, errors.New("there is no access token yet; fetch one first")
	}
	var value Builder
	value.Constant("Bearer ", "the scheme")
	value.Key(AccessToken, token)
	return in.Request.With(ByScheme, "Authorization", value.Text()), nil
}
