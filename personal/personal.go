// Package personal knows by their names which fields tell of a person, in whatever is sent to us or written down.
package personal

import "strings"

// Normal returns a field's name in small letters alone: first_name, firstName and First-Name are one.
func Normal(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			return c
		}
		return -1
	}, name)
}

// holders are the fields that hold what is known of a person.
var holders = map[string]bool{
	"customer": true, "customers": true, "billingaddress": true, "shippingaddress": true, "defaultaddress": true,
	"address": true, "addresses": true, "destination": true, "recipient": true, "buyer": true, "receiver": true,
	"billingdetails": true, "shippingdetails": true, "customerdetails": true, "shipping": true, "contact": true,
	"cardholder": true, "owner": true, "customeraddress": true, "customershipping": true,
}

// fields are about a person, wherever they are.
var fields = map[string]bool{
	"firstname": true, "lastname": true, "fullname": true, "displayname": true, "customername": true, "address1": true,
	"address2": true, "line1": true, "line2": true, "addressline1": true, "addressline2": true, "city": true, "zip": true,
	"postalcode": true, "company": true, "latitude": true, "longitude": true, "ip": true, "browserip": true,
	"ipaddress": true, "useragent": true, "note": true, "message": true, "giftmessage": true, "birthday": true,
	"dateofbirth": true, "taxid": true, "vatnumber": true, "shopowner": true,
}

// wholes are fields that tell of a person with all that is in them: what people wrote, and with what they came.
var wholes = map[string]bool{
	"noteattributes": true, "customattributes": true, "properties": true, "clientdetails": true, "paymentdetails": true,
}

// harmless are fields that tell nothing of the person that they are part of.
var harmless = map[string]bool{
	"state": true, "status": true, "currency": true, "orderscount": true, "totalspent": true, "lastordername": true,
	"country": true, "countrycode": true, "countryname": true, "province": true, "provincecode": true, "tags": true,
	"optinlevel": true, "shopdomain": true, "ordersrequested": true, "orderstoredact": true, "type": true, "object": true,
}

// Field reports whether a field, by its normal name, is about a person wherever it is. The city that something was
// shipped to is one.
func Field(name string) bool {
	for _, prefix := range []string{"shipping", "billing"} {
		if rest := strings.TrimPrefix(name, prefix); fields[rest] {
			return true
		}
	}
	return strings.Contains(name, "email") || strings.Contains(name, "phone")
}

// Holder reports whether a field, by its normal name, holds what is known of a person.
func Holder(name string) bool { return holders[name] }

// Whole reports whether a field, by its normal name, tells of a person with all that is in it.
func Whole(name string) bool { return wholes[name] }

// Harmless reports whether a field, by its normal name, tells nothing of the person that it is part of.
func Harmless(name string) bool {
	if Field(name) {
		return false
	}
	return harmless[name] || strings.HasSuffix(name, "id") || strings.HasSuffix(name, "ids") || strings.HasSuffix(name, "at")
}
