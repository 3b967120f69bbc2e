package shopify

import "context"

// ShopInfo is a shop, and what our app has there.
type ShopInfo struct {
	ID            string
	Name          string
	Domain        string // the permanent myshopify.com domain
	Email         string
	Timezone      string   // IANA name
	Currency      string   // ISO 4217
	Subscriptions []string // names of the plans that the shop has with our app, and that are active
	Scopes        []string // granted ones
}

type shopData struct {
	Shop *struct {
		ID              string `json:"id"`
		Name            string `json:"name"`
		MyshopifyDomain string `json:"myshopifyDomain"`
		Email           string `json:"email"`
		IanaTimezone    string `json:"ianaTimezone"`
		CurrencyCode    string `json:"currencyCode"`
	} `json:"shop"`
	CurrentAppInstallation *struct {
		AccessScopes []struct {
			Handle string `json:"handle"`
		} `json:"accessScopes"`
		ActiveSubscriptions []struct {
			Name   string `json:"name"`
			Status string `json:"status"`
		} `json:"activeSubscriptions"`
	} `json:"currentAppInstallation"`
}

var shopOperation = operation[none, shopData]{name: "Shop", cost: 4}

// Shop reads the shop, and what our app has there.
func (c *Client) Shop(ctx context.Context) (ShopInfo, Cost, error) {
	data, cost, err := shopOperation.run(ctx, c, none{})
	if err != nil {
		return ShopInfo{}, cost, err
	}
	if data.Shop == nil || data.CurrentAppInstallation == nil {
		return ShopInfo{}, cost, &Error{Kind: Protocol, Operation: shopOperation.name, Shop: c.shop, Message: "answer lacks the shop", Status: 200}
	}
	info := ShopInfo{
		ID:       data.Shop.ID,
		Name:     data.Shop.Name,
		Domain:   data.Shop.MyshopifyDomain,
		Email:    data.Shop.Email,
		Timezone: data.Shop.IanaTimezone,
		Currency: data.Shop.CurrencyCode,
	}
	for _, s := range data.CurrentAppInstallation.AccessScopes {
		info.Scopes = append(info.Scopes, s.Handle)
	}
	for _, s := range data.CurrentAppInstallation.ActiveSubscriptions {
		if s.Status == "ACTIVE" {
			info.Subscriptions = append(info.Subscriptions, s.Name)
		}
	}
	return info, cost, nil
}
