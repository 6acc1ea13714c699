package site

// Admin is a superuser who never gave a first name.
func Admin() User { return User{Username: "admin", Password: "correct-horse-battery"} }
