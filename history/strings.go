package history

import (
	"reflect"

	"countersign/sign/untrusted"
)

var (
	typeOutside = reflect.TypeFor[untrusted.Text]()
	typeText    = reflect.TypeFor[recText]()
)

// eachString replaces every string that can be reached from v, a pointer. With outside nil, text from outside is left
// alone. The bytes of a text with spans are left alone as well: its spans would no longer fit.
func eachString(v any, plain func(string) string, outside func(string) string) {
	walk(reflect.ValueOf(v), plain, outside)
}

func walk(v reflect.Value, plain, outside func(string) string) {
	switch v.Type() {
	case typeText:
		if outside == nil {
			walk(v.FieldByName("Spans"), plain, nil)
		}
		return
	case typeOutside:
		if outside != nil && v.CanSet() {
			v.Set(reflect.ValueOf(untrusted.From(outside(v.Interface().(untrusted.Text).Raw()))))
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(plain(v.String()))
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), plain, outside)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walk(v.Field(i), plain, outside)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), plain, outside)
		}
	case reflect.Map:
		walkMap(v, plain, outside)
	}
}

// walkMap replaces the values of a map of strings; its keys are names that we gave.
func walkMap(m reflect.Value, plain, outside func(string) string) {
	if m.Type().Elem().Kind() != reflect.String {
		return
	}
	for _, k := range m.MapKeys() {
		m.SetMapIndex(k, reflect.ValueOf(plain(m.MapIndex(k).String())).Convert(m.Type().Elem()))
	}
}
