package unbuilt

//ddbe:table tests // want `this directive has no effect: the file is built for tests alone \[stray-directive\]`
type Test struct {
	ID string `ddbe:"partition,sign"`
}
