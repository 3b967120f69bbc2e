package clouds_test

import (
	"slices"
	"testing"

	_ "github.com/tagtrail/tagtrail/blob/clouds"
	"gocloud.dev/blob"
)

func TestTheCloudsAreKnown(t *testing.T) {
	t.Parallel()
	known := blob.DefaultURLMux().BucketSchemes()
	for _, scheme := range []string{"azblob", "gs", "s3"} {
		if !slices.Contains(known, scheme) {
			t.Errorf("%s:// is not known, only %v", scheme, known)
		}
	}
}
