/**/jQuery3_cb({"code":"0000","msg":"成功","data":{"total":"41","list":[
 {"docId":90017,"headline":"<em>渠</em>水谣（下）","pubTime":1551402300000,"modTime":1551488712000,"author":"杜若","sort":"20"},
 {"docId":"90016","headline":"渠水谣（上）","pubTime":"1551315900","modTime":"2019-03-01 09:05:12","author":"","sort":"10"},
 {"docId":null,"headline":"广告位","pubTime":"","sort":"30"}]}});
