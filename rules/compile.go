package rules

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/tagtrail/tagtrail/fault"
	"github.com/tagtrail/tagtrail/models"
)

// Compiled is a rule made ready to be evaluated many times: values are parsed and regular expressions compiled once.
// It may be used by several goroutines at once.
type Compiled struct {
	definition models.RuleDefinition
	ruleID     string
	version    int
	paused     bool

	root   group
	count  int
	add    []template
	remove []template
}

type group struct {
	any        bool
	conditions []condition
	groups     []group
}

// condition is a condition whose values are parsed for its field.
type condition struct {
	source models.Condition
	index  int
	trait  trait
	label  string
	// test is the operator without its negation: NOT_IN is IN, negated.
	test    models.Operator
	negated bool

	texts   []string
	numbers []decimal.Decimal
	times   []moment
	days    int
	pattern *regexp.Regexp
	// broken says what is wrong with the condition itself; then it neither holds nor fails.
	broken string
}

// Compile makes a rule ready. It fails where the rule is one that Validate would refuse for its conditions or tags.
func Compile(def models.RuleDefinition) (*Compiled, error) {
	if problems := Validate(def); len(problems) > 0 {
		return nil, fault.Problems(problems)
	}
	return compile(def), nil
}

// CompileRule makes a saved rule ready, whatever state it is in: what cannot be evaluated any more, such as a field that
// has gone, is said by its evaluations.
func CompileRule(rule *models.Rule) *Compiled {
	c := compile(rule.RuleDefinition)
	c.ruleID, c.version, c.paused = rule.ID, rule.Version, rule.PausedReason != nil
	return c
}

func compile(def models.RuleDefinition) *Compiled {
	c := &Compiled{definition: def}
	t := tableOf(def.Resource)
	c.root = c.compileGroup(t, &def.When)
	c.add = compileTemplates(t, def.AddTags)
	c.remove = compileTemplates(t, def.RemoveTags)
	return c
}

func (c *Compiled) compileGroup(t *table, source *models.ConditionGroup) group {
	g := group{
		any:        source.Match == models.MatchAny,
		conditions: make([]condition, len(source.Conditions)),
		groups:     make([]group, len(source.Groups)),
	}
	c.count += len(source.Conditions)
	for i := range source.Conditions {
		g.conditions[i] = compileCondition(t, source.Conditions[i])
	}
	for i := range source.Groups {
		g.groups[i] = c.compileGroup(t, &source.Groups[i])
	}
	return g
}

func compileTemplates(t *table, tags []string) []template {
	templates := make([]template, len(tags))
	for i, tag := range tags {
		one := parseTemplate(tag)
		for j := range one.parts {
			p := &one.parts[j]
			if p.field == "" {
				continue
			}
			known := false
			if t != nil {
				p.index, known = t.index[p.field]
			}
			if !known && one.problem == "" {
				one.problem = fmt.Sprintf("“%s” has a field that does not exist: %s.", tag, p.field)
			}
		}
		templates[i] = one
	}
	return templates
}

func compileCondition(t *table, source models.Condition) condition {
	c := condition{source: source}
	if t == nil {
		c.broken = "There are no fields for this kind of record."
		return c
	}
	index, ok := t.index[source.Field]
	if !ok {
		c.broken = unknownField(t, source.Field)
		return c
	}
	field := &t.fields[index]
	c.index, c.trait, c.label = index, t.traits[index], field.Label
	c.test, c.negated = positive(source.Operator)
	if problems := checkOperands(field, c.trait, source); len(problems) > 0 {
		c.broken = problems[0].message
		return c
	}
	c.parse()
	return c
}

// positive returns the operator without its negation.
func positive(operator models.Operator) (test models.Operator, negated bool) {
	switch operator {
	case models.NotEquals:
		return models.Equals, true
	case models.NotContains:
		return models.Contains, true
	case models.NotIn:
		return models.In, true
	case models.IsNotEmpty:
		return models.IsEmpty, true
	default:
		return operator, false
	}
}

// parse reads the condition's values, which have been checked.
func (c *condition) parse() {
	for _, value := range c.source.Values {
		switch {
		case c.test == models.Matches:
			c.pattern, _ = compilePattern(value)
		case isDays(c.test):
			c.days, _ = strconv.Atoi(strings.TrimSpace(value))
		case c.trait.kind == kindNumber:
			number, _ := parseNumber(value)
			c.numbers = append(c.numbers, number)
		case c.trait.kind == kindDate:
			at, _ := parseMoment(value)
			c.times = append(c.times, at)
		case c.trait.kind == kindBoolean:
			c.texts = append(c.texts, strings.ToLower(strings.TrimSpace(value)))
		case c.trait.kind == kindTag:
			c.texts = append(c.texts, models.TagKey(value))
		default:
			c.texts = append(c.texts, fold(value))
		}
	}
}

func isDays(operator models.Operator) bool {
	return operator == models.OlderThan || operator == models.NewerThan || operator == models.WithinLast
}

// compilePattern compiles a regular expression that ignores case, as all text does here; (?-i) in it turns that off.
// The message of its error says where the mistake is.
func compilePattern(pattern string) (*regexp.Regexp, error) {
	compiled, err := regexp.Compile("(?i)" + pattern)
	if err == nil {
		return compiled, nil
	}
	var wrong *syntax.Error
	if !errors.As(err, &wrong) {
		return nil, err
	}
	where := ""
	if at := mistakeAt(pattern, wrong); at >= 0 {
		where = fmt.Sprintf(" at character %d", utf8.RuneCountInString(pattern[:at])+1)
	}
	return nil, fmt.Errorf("the regular expression “%s” is not valid%s: %s", shorten(pattern, 80), where, wrong.Code)
}

// mistakeAt returns the index of what the parser complains about, or -1. The parser names the fragment, but for a
// parenthesis without its partner it names the whole pattern.
func mistakeAt(pattern string, wrong *syntax.Error) int {
	switch wrong.Code {
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen:
		return lonelyParenthesis(pattern)
	case syntax.ErrTrailingBackslash:
		return len(pattern) - 1
	default:
		return strings.Index(pattern, wrong.Expr)
	}
}

// lonelyParenthesis returns the index of the parenthesis that has no partner, or -1.
func lonelyParenthesis(pattern string) int {
	var opened []int
	inClass := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case inClass:
			inClass = c != ']'
		case c == '[':
			inClass = true
		case c == '(':
			opened = append(opened, i)
		case c == ')' && len(opened) == 0:
			return i
		case c == ')':
			opened = opened[:len(opened)-1]
		}
	}
	if len(opened) == 0 {
		return -1
	}
	return opened[len(opened)-1]
}
