package rules

type customerPayload struct {
	ID               scalar          `json:"id"`
	GID              scalar          `json:"admin_graphql_api_id"`
	FirstName        scalar          `json:"first_name"`
	LastName         scalar          `json:"last_name"`
	Email            scalar          `json:"email"`
	State            scalar          `json:"state"`
	VerifiedEmail    scalar          `json:"verified_email"`
	TaxExempt        scalar          `json:"tax_exempt"`
	Note             scalar          `json:"note"`
	Address          *addressPayload `json:"default_address"`
	CreatedAt        scalar          `json:"created_at"`
	UpdatedAt        scalar          `json:"updated_at"`
	AcceptsMarketing scalar          `json:"accepts_marketing"`
	Consent          struct {
		State scalar `json:"state"`
	} `json:"email_marketing_consent"`
	// These three are from webhooks of API versions before 2025-01.
	Tags       tagList `json:"tags"`
	TotalSpent scalar  `json:"total_spent"`
	OrderCount scalar  `json:"orders_count"`

	// The topics about a customer's tags, spend, merge and privacy name the customer in ways of their own.
	CustomerID scalar `json:"customerId"`
	KeptID     scalar `json:"admin_graphql_api_customer_kept_id"`
	Inner      struct {
		ID    scalar `json:"id"`
		Email scalar `json:"email"`
	} `json:"customer"`
	NumberOfOrders scalar `json:"numberOfOrders"`
	AmountSpent    struct {
		Amount scalar `json:"amount"`
	} `json:"amountSpent"`
}

func (f *Facts) fromCustomer(body []byte) error {
	var p customerPayload
	if err := decode(body, &p); err != nil {
		return err
	}
	f.ID = globalID("Customer", p.GID, p.ID)
	if f.ID == "" {
		f.fromOtherCustomerTopic(&p)
		return nil
	}
	f.Title = title(p.FirstName.text+" "+p.LastName.text, p.Email.text, idNumber(f.ID))
	f.put("first_name", p.FirstName)
	f.put("last_name", p.LastName)
	f.putEmail(p.Email)
	f.put("state", p.State)
	f.put("verified_email", p.VerifiedEmail)
	f.put("tax_exempt", p.TaxExempt)
	f.put("note", p.Note)
	f.put("created_at", p.CreatedAt)
	f.putUpdated(p.UpdatedAt)
	f.put("total_spent", p.TotalSpent)
	f.put("order_count", p.OrderCount)
	f.putTags(p.Tags)
	switch {
	case p.AcceptsMarketing.known:
		f.put("accepts_marketing", p.AcceptsMarketing)
	case p.Consent.State.known:
		f.Set("accepts_marketing", boolText(fold(p.Consent.State.text) == "subscribed"))
	}
	// A customer without an address comes without the key; one that has a state is whole.
	if p.Address == nil && p.State.known {
		p.Address = emptyAddress()
	}
	if at := p.Address; at != nil {
		f.put("city", at.City)
		f.put("zip", at.Zip)
		f.putPlace("country", at.CountryCode, at.Country, at.CountryName)
		f.putPlace("province", at.ProvinceCode, at.Province)
	}
	return nil
}

// fromOtherCustomerTopic reads the id, and what is sure, from the bodies that are about a customer without being one.
// The tags of customer.tags_added are only those that were added, so they are left alone.
func (f *Facts) fromOtherCustomerTopic(p *customerPayload) {
	for _, gid := range []scalar{p.CustomerID, p.KeptID} {
		if f.ID == "" {
			f.ID = globalID("Customer", gid, gid)
		}
	}
	if f.ID == "" {
		f.ID = globalID("Customer", scalar{}, p.Inner.ID)
	}
	if f.ID == "" {
		return
	}
	f.Title = title(p.Inner.Email.text, idNumber(f.ID))
	f.put("order_count", p.NumberOfOrders)
	f.put("total_spent", p.AmountSpent.Amount)
}

func boolText(value bool) string {
	if value {
		return "true"
	}
	return "false"
}
