package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign/untrusted"
)

func (a *app) credentialsGenerate() *cobra.Command {
	w := &whose{}
	var organisation, clientID, keyFile, publicFile string
	var force bool
	c := &cobra.Command{
		Use:   "generate PROVIDER [FIELD]",
		Short: "make a P-256 key: client_key with its certificate signing request, or signing_key with its public half",
		Args:  arguments("PROVIDER [FIELD]", 1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			args = append(args, "client_key")[:2]
			if err := notEmpty(c, "organisation", "client-id", "key-file", "public-file"); err != nil {
				return err
			}
			if args[1] != "client_key" && organisation+clientID != "" {
				return wrong("leave out --organisation and --client-id", "%s has no subject: only a certificate signing request has", args[1])
			}
			p, store, err := a.kept(c, args[0], w)
			if err != nil {
				return err
			}
			var made credentials.Generated
			switch has := fieldOf(p, args[1]); {
			case has && args[1] == "client_key":
				if clientID == "" {
					values, _ := store.Resolve(c.Context(), queryOf(p, w.environment, w.profile)) // a missing one is told below
					clientID = revealed(values["client_id"].Secret)
				}
				if organisation == "" || clientID == "" {
					return wrong("--organisation and --client-id name it", "the organisation and the client id are the subject of the request, and one is missing")
				}
				made, err = credentials.GenerateClientKey(a.Rand, credentials.ClientKeyRequest{Organisation: organisation, ClientID: clientID,
					KeyFile: or(keyFile, "partner.key"), RequestFile: or(publicFile, "partner.csr"), Overwrite: force})
			case has && args[1] == "signing_key":
				made, err = credentials.GenerateSigningKey(a.Rand, credentials.SigningKeyRequest{
					KeyFile: or(keyFile, "signing.key"), PublicFile: or(publicFile, "signing.pub"), Overwrite: force})
			default:
				return wrong("keys are made for client_key and signing_key", "%s has no key %q", p.ID, args[1])
			}
			if err != nil {
				return generating(err)
			}
			return a.generated(p, args[1], w, made)
		},
	}
	c.Flags().StringVar(&organisation, "organisation", "", "`NAME` of your company, for the subject of the request")
	c.Flags().StringVar(&clientID, "client-id", "", "`ID` that the partner gave you, for the subject of the request; the stored one otherwise")
	c.Flags().StringVar(&keyFile, "key-file", "", "`FILE` for the key")
	c.Flags().StringVar(&publicFile, "public-file", "", "`FILE` for what goes to the partner")
	c.Flags().BoolVar(&force, "force", false, "overwrite files that are there")
	w.flags(c, flows.Sandbox)
	return c
}

func fieldOf(p *flows.Provider, name string) bool {
	return slices.ContainsFunc(p.Fields, func(f credentials.Field) bool { return f.Name == name && f.File && f.Secret })
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

// generating says what stood against making a key.
func generating(err error) error {
	switch {
	case onDisk(err):
		e := local(err, "%s", err)
		e.Hint = "name another place with --key-file and --public-file"
		return e
	case errors.Is(err, fs.ErrExist):
		return wrong("choose another name, or add --force", "%s", err)
	}
	return wrong("", "%s", err)
}

func (a *app) generated(p *flows.Provider, field string, w *whose, made credentials.Generated) error {
	if a.json {
		return a.object(made)
	}
	out := &page{w: a.Stdout}
	out.line("key: %s (mode 0600), fingerprint %s", made.KeyFile, made.Fingerprint)
	out.line("for the partner: %s", made.PublicFile)
	if made.Subject != "" {
		out.line("subject: %s", untrusted.From(made.Subject))
	}
	out.block(0, made.PublicPEM)
	use := fmt.Sprintf("countersign credentials set %s %s %s --environment %s", p.ID, field, made.KeyFile, w.environment)
	if w.profile != credentials.DefaultProfile {
		use += " --profile " + w.profile
	}
	out.line("to use it: %s", use)
	return out.err
}
