package simulator

import (
	"errors"
	"fmt"
)

// Edit is a change of a record's tags that the app under test has no part in.
type Edit struct {
	Shop   string   `json:"shop"`
	ID     string   `json:"id"` // a global id
	Add    []string `json:"add"`
	Remove []string `json:"remove"`
	// By is who makes it: a member of staff by id or name, or the other app, "sim-admin". "" is the first of the staff.
	By string `json:"by"`
}

// EditTags changes a record's tags as somebody else, at any time, also while an operation of the app runs. It returns the
// tags as they are then. Removing and adding are one change, and what Shopify refuses changes nothing.
func (s *Simulator) EditTags(e Edit) ([]string, error) {
	st := s.shop(e.Shop)
	if st == nil {
		return nil, fmt.Errorf("no shop %q", e.Shop)
	}
	by := e.By
	if by != otherApp {
		who, err := st.staffMember(by)
		if err != nil {
			return nil, err
		}
		by = who.Name
	}
	tags, err := st.edit(e)
	if err != nil {
		return nil, err
	}
	s.requests.add(LogEntry{
		Kind:      "edit",
		Shop:      st.Domain,
		App:       by,
		Variables: map[string]any{"id": e.ID, "add": e.Add, "remove": e.Remove},
	})
	return tags, nil
}

func (st *store) edit(e Edit) ([]string, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	o := st.tagOwner(e.ID)
	if o == nil {
		return nil, fmt.Errorf("no record %q with tags", e.ID)
	}
	kind, _, _ := splitGID(e.ID)
	add := splitTags(e.Add)
	if kind == "Customer" {
		add = st.customerSpelling(add)
	}
	strict := kind != "Customer" && kind != "Product"
	tags := uniteTags(withoutTags(o.tagging().tags, splitTags(e.Remove), strict), add)
	if trouble := tagTrouble(kind, tags); trouble != nil {
		return nil, errors.New(trouble.message)
	}
	st.setTags(st.newAction(), o, tags)
	return append([]string{}, o.tagging().tags...), nil
}
