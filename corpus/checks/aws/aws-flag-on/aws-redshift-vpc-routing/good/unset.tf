resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier   = "warehouse"
  node_type            = "ra3.xlplus"
  enhanced_vpc_routing = true
}
