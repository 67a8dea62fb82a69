resource "aws_codebuild_project" "site" {
  name               = "site"
  service_role       = "arn:aws:iam::111122223333:role/build"
  project_visibility = var.project_visibility
}

variable "project_visibility" {
  type    = string
  default = "PUBLIC_READ"
}
