import assert from "assert"; // npm's, which is Node's for browsers

export default assert.strict;
