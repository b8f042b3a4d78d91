package main

import "github.com/dormer-orm/dormer/schema"

func main() {
	schema.Text(Users.Name)
	schema.Column(Posts.AuthorID).References(Users.ID)
	schema.ForeignKey(Posts.AuthorID, Users.ID)
	schema.SoftDelete(Users.DeletedAt)
	schema.Tenant(Users.Name, "firm")
	schema.Check("named", Users.Name.Ne(""))
	boss := schema.As(Users, "boss")
	schema.Column(boss.Name)
}
