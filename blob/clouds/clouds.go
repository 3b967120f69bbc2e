// Package clouds makes the stores of the clouds known to blob: s3://, gs:// and azblob://. The program imports it alone:
// what the clouds need takes longer to build than all the rest.
package clouds

import (
	_ "gocloud.dev/blob/azureblob" // azblob://
	_ "gocloud.dev/blob/gcsblob"   // gs://
	_ "gocloud.dev/blob/s3blob"    // s3://
)
