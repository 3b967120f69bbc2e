package personal

import "testing"

func TestFieldsAreKnownHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"first_name": true, "firstName": true, "shipping_city": true, "billing_zip": true, "contact_email": true, "email_domain": true,
		"customer_phone": true, "note": true, "total_price": false, "shipping_method": false, "shipping_country": false, "tags": false,
	} {
		if got := Field(Normal(name)); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for name, want := range map[string]bool{"id": true, "order_ids": true, "created_at": true, "state": true, "email": false, "zip": false} {
		if got := Harmless(Normal(name)); got != want {
			t.Errorf("%s is harmless: %v", name, got)
		}
	}
}
