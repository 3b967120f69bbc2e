package simulator

import "strings"

// place is where somebody lives.
type place struct {
	city, zip, province, provinceCode, country, code string
}

func places() []place {
	return []place{
		{"New York", "10012", "New York", "NY", "United States", "US"},
		{"Brooklyn", "11215", "New York", "NY", "United States", "US"},
		{"Portland", "97205", "Oregon", "OR", "United States", "US"},
		{"Austin", "78704", "Texas", "TX", "United States", "US"},
		{"Chicago", "60614", "Illinois", "IL", "United States", "US"},
		{"Seattle", "98101", "Washington", "WA", "United States", "US"},
		{"Sonoma", "95476", "California", "CA", "United States", "US"},
		{"San Francisco", "94110", "California", "CA", "United States", "US"},
		{"Toronto", "M5V 2T6", "Ontario", "ON", "Canada", "CA"},
		{"Montreal", "H2X 1Y4", "Quebec", "QC", "Canada", "CA"},
		{"London", "N1 9GU", "England", "ENG", "United Kingdom", "GB"},
		{"Berlin", "10997", "", "", "Germany", "DE"},
		{"Paris", "75011", "", "", "France", "FR"},
		{"Amsterdam", "1016 GV", "", "", "Netherlands", "NL"},
		{"Melbourne", "3000", "Victoria", "VIC", "Australia", "AU"},
		{"Kyoto", "604-8005", "Kyoto", "JP-26", "Japan", "JP"},
	}
}

// completePlace fills in the name or the code of a country and a province where only the
// other is known.
func completePlace(a *address) {
	for _, p := range places() {
		if equalText(a.country, p.country) || equalText(a.code, p.code) || equalText(a.country, p.code) {
			a.country, a.code = p.country, p.code
			break
		}
	}
	for _, p := range places() {
		if p.code != a.code || p.province == "" {
			continue
		}
		if equalText(a.province, p.province) || equalText(a.provinceCode, p.provinceCode) || equalText(a.province, p.provinceCode) {
			a.province, a.provinceCode = p.province, p.provinceCode
			break
		}
	}
}

// equalText compares without case; empty texts are never equal.
func equalText(a, b string) bool { return a != "" && strings.EqualFold(a, b) }
